/** What a page of the console leaves in the browser. */
import type { Page } from "playwright-core"

/** Names of what is stored, and numbers of what was loaded as a picture or registered as a worker. */
export interface BrowserStorage {
  /** Without the theme's choice. */
  readonly local: readonly string[]
  /** Without the router's scroll positions. */
  readonly session: readonly string[]
  readonly caches: readonly string[]
  /** Databases; the signing key's is `nightlight`. */
  readonly stores: readonly string[]
  readonly images: number
  readonly workers: number
}

export const NOTHING_STORED: BrowserStorage = { local: [], session: [], caches: [], stores: [], images: 0, workers: 0 }

/** Reads what the page's origin has stored. */
export function readBrowserStorage(page: Page): Promise<BrowserStorage> {
  return page.evaluate(`(async () => ({
    local: Object.keys(localStorage).filter((name) => name !== "nightlight-theme"),
    session: Object.keys(sessionStorage).filter((name) => !name.startsWith("tsr-")),
    caches: await caches.keys(),
    stores: (await indexedDB.databases()).map(({ name }) => name),
    images: performance.getEntriesByType("resource").filter(({ initiatorType }) => initiatorType === "img").length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }))()`)
}
