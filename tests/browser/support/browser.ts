/** A real Chromium whose pages may call only the server under test. */
import { existsSync } from "node:fs"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { describe, expect } from "vitest"

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium"
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

/** Describes tests that need a browser; without one they are skipped, with a note. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  const isThere = existsSync(EXECUTABLE)
  const title = isThere ? name : `${name} (skipped: there is no ${EXECUTABLE}; CHROMIUM names another)`
  describe.skipIf(!isThere)(title, tests)
}

/** Starts a headless browser. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS, headless: true })
}

/** A page, and everything that went wrong in it. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** Addresses outside the server's origin that the page tried to call. */
  readonly strays: readonly string[]
  /** Uncaught errors, and violations of the content security policy. */
  readonly faults: readonly string[]
}

/** How long a page may take for anything on a busy machine. */
export const PATIENCE_MS = 60_000

const SIZE = { width: 1440, height: 900 }

/**
 * Opens a page in a profile of its own. Closing it fails the test if the page called another host, violated its
 * security policy or threw an error.
 */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: SIZE,
    locale: "en-GB",
    timezoneId: "UTC",
    // No animation, so that measurements and pictures are stable.
    reducedMotion: "reduce",
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const strays: string[] = []
  const faults: string[] = []
  page.on("request", (request) => {
    const { protocol, origin: target } = new URL(request.url())
    if (protocol !== "data:" && protocol !== "blob:" && target !== origin) strays.push(request.url())
  })
  page.on("pageerror", (error) => faults.push(String(error)))
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy/i.test(message.text())) faults.push(message.text())
  })
  return {
    page,
    strays,
    faults,
    [Symbol.asyncDispose]: async () => {
      await context.close()
      expect({ strays, faults }).toEqual({ strays: [], faults: [] })
    },
  }
}
