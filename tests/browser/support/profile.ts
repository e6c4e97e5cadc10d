/** A browser with a profile on disk, so that a test can read what it stored. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { PATIENCE_MS } from "./browser.ts"

/** A browser with its own profile. */
export interface Profile extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** Closes the browser; its data is on disk then. */
  close(): Promise<void>
  /** Paths of the profile's files that contain these bytes. */
  filesWith(bytes: Buffer): readonly string[]
}

/** Starts a browser with an empty profile. */
export async function openProfile(origin: string): Promise<Profile> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "nl-profile-"))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    baseURL: origin,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = context.pages()[0] ?? (await context.newPage())
  const close = () => context.close()
  return {
    page,
    context,
    close,
    filesWith: (bytes) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => readFileSync(file).includes(bytes))
        .map((file) => relative(folder, file)),
    [Symbol.asyncDispose]: async () => {
      await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
