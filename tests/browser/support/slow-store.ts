/**
 * A browser's own store that is slow, as it is on a busy machine.
 */
import type { Page } from "playwright-core"

/** On pages of a path, what the browser keeps is opened only after a key was let go. */
export async function openStoreAfterKey(page: Page, path: string, key: string): Promise<void> {
  await page.addInitScript(`(${SCRIPT})(${JSON.stringify(path)}, ${JSON.stringify(key)})`)
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
