import type { Page } from "playwright-core"

/** Fills in the two administrators of a new installation on the set-up page. */
export async function nameAdministrators(page: Page): Promise<void> {
  const you = page.getByRole("group", { name: "You" })
  const second = page.getByRole("group", { name: "The second administrator" })
  await you.getByLabel("Name").fill("Administrator One")
  await you.getByLabel("E-mail").fill("one@example.org")
  await second.getByLabel("Name").fill("Administrator Two")
  await second.getByLabel("E-mail").fill("two@example.org")
}
