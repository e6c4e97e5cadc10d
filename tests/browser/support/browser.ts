/**
 * A real Chromium, and pages in it that may call nothing but the server under test.
 */
import { existsSync } from "node:fs"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { describe, expect } from "vitest"

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium"
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

/** Describes what needs a browser; skipped, and saying so, where there is none. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  const isThere = existsSync(EXECUTABLE)
  const title = isThere ? name : `${name} (skipped: there is no ${EXECUTABLE}; CHROMIUM names another)`
  describe.skipIf(!isThere)(title, tests)
}

/** Starts a browser without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS, headless: true })
}

/** A page with what went wrong in it. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** Addresses beyond the server's origin that it tried to call. */
  readonly strays: readonly string[]
  /** Errors that nobody caught, and refusals of the content security policy. */
  readonly faults: readonly string[]
}

/** How long a page may take over anything on a busy machine. */
export const PATIENCE_MS = 60_000

const SIZE = { width: 1440, height: 900 }

/**
 * Opens a page in a profile of its own. Closing it fails the test if the page called another host, broke its security
 * policy or threw.
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
    // Nothing moves by itself: what is measured or pictured is what stays.
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
