/**
 * A browser's own store that is slow, as it is on a busy machine, or refuses.
 */
import type { Page } from "playwright-core"

/** On pages of a path, what the browser keeps is opened only after a key was let go. */
export async function openStoreAfterKey(page: Page, path: string, key: string): Promise<void> {
  await page.addInitScript(`(${SCRIPT})(${JSON.stringify(path)}, ${JSON.stringify(key)})`)
}

/** What the browser keeps cannot be opened, as where a person lets no site keep data. */
export async function refuseStore(page: Page): Promise<void> {
  await page.addInitScript(`IDBFactory.prototype.open = () => { throw new DOMException("refused", "SecurityError") }`)
}

const SCRIPT = `(path, key) => {
  if (location.pathname !== path) return
  const pressed = new Promise((resolve) => {
    addEventListener("keyup", (event) => event.key === key && resolve())
  })
  const { open } = IDBFactory.prototype
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args)
    Object.defineProperty(request, "onsuccess", {
      set: (handle) => request.addEventListener("success", (event) => pressed.then(() => handle.call(request, event))),
    })
    return request
  }
}`
