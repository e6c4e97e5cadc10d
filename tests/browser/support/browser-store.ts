/** Browser storage that is slow, as on a busy machine, or refuses to open. */
import type { Page } from "playwright-core"

/** On pages at a path, delays opening the storage until a key was released. */
export async function openStoreAfterKey(page: Page, path: string, key: string): Promise<void> {
  await page.addInitScript(`(${SCRIPT})(${JSON.stringify(path)}, ${JSON.stringify(key)})`)
}

/** Makes the storage refuse to open, as if the person allowed no site data. */
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
