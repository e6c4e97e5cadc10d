import type { Page } from "playwright-core"

/** Fills in who the two administrators of a new installation are, on the page that sets it up. */
export async function nameAdministrators(page: Page): Promise<void> {
  const you = page.getByRole("group", { name: "You" })
  const second = page.getByRole("group", { name: "The second administrator" })
  await you.getByLabel("Name").fill("Administrator One")
  await you.getByLabel("E-mail").fill("one@example.org")
  await second.getByLabel("Name").fill("Administrator Two")
  await second.getByLabel("E-mail").fill("two@example.org")
}
