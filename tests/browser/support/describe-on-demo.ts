import type { Browser, BrowserContextOptions } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { describeInBrowser, openBrowser, openPage, type WatchedPage } from "./browser.ts"
import { DEMO_START_MS, type DemoServer, startDemoServer } from "./demo-server.ts"

/** A demonstration and a browser, available while the tests run. */
export interface DemoInBrowser {
  readonly server: DemoServer
  readonly browser: Browser
  /** Opens a page of the demonstration in a profile of its own. */
  openPage(options?: BrowserContextOptions): Promise<WatchedPage>
}

/** Describes browser tests on a demonstration that only these tests use. */
export function describeOnDemo(name: string, tests: (demo: DemoInBrowser) => void): void {
  describeInBrowser(name, () => {
    let server: DemoServer
    let browser: Browser
    beforeAll(async () => {
      server = await startDemoServer()
      browser = await openBrowser()
    }, DEMO_START_MS)
    afterAll(async () => {
      await browser?.close()
      await server?.[Symbol.asyncDispose]()
    })
    tests({
      get server() {
        return server
      },
      get browser() {
        return browser
      },
      openPage: (options) => openPage(browser, server.origin, options),
    })
  })
}
