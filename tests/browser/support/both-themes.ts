import type { Page } from "playwright-core"
import { expectAccessible } from "./accessible.ts"
import { shoot, showIn, THEMES } from "./pictures.ts"

/** Fails unless everybody can use the page as it stands, in both themes; pictured under a name where one is given. */
export async function expectUsableInBoth(page: Page, name?: string): Promise<void> {
  for (const theme of THEMES) {
    await (name === undefined ? showIn(page, theme) : shoot(page, name, theme))
    await expectAccessible(page)
  }
}
