import type { Page } from "playwright-core"
import { expectAccessible } from "./accessible.ts"
import { shoot, showIn, THEMES } from "./pictures.ts"

/** Fails unless the page is accessible in both themes; with a name, also takes its pictures. */
export async function expectUsableInBoth(page: Page, name?: string): Promise<void> {
  for (const theme of THEMES) {
    await (name === undefined ? showIn(page, theme) : shoot(page, name, theme))
    await expectAccessible(page)
  }
}
