/** Pictures of the console for the documentation, taken by the tests that show the screens, on request. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"

const FOLDER = fileURLToPath(new URL("../../../docs/pictures", import.meta.url))

/** The console's themes. */
export const THEMES = ["light", "dark"] as const
/** A theme of the console. */
export type Theme = (typeof THEMES)[number]

/** Shows a page in a theme, as for a person whose system prefers it. */
export async function showIn(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme })
}

/** Saves a screenshot as `docs/pictures/<name>-<theme>.png` if NIGHTLIGHT_PICTURES is 1. */
export async function shoot(page: Page, name: string, theme: Theme): Promise<void> {
  await showIn(page, theme)
  if (process.env["NIGHTLIGHT_PICTURES"] !== "1") return
  mkdirSync(FOLDER, { recursive: true })
  await page.evaluate("document.fonts.ready.then(() => true)")
  await page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`), animations: "disabled", caret: "hide" })
}
