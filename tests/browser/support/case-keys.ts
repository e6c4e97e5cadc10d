import type { Page } from "playwright-core"

/** Takes the next case by its key, on a page that lists cases; returns its id once the case is claimed. */
export async function takeNextCase(page: Page): Promise<string> {
  await page.getByRole("option").first().waitFor()
  await page.keyboard.press("x")
  await page.waitForURL(/\/cases\/case-/)
  await page.getByText("You have taken this case").waitFor()
  return new URL(page.url()).pathname.split("/").at(-1) ?? ""
}

/** Requests a viewing of the shown case by its key, up to the question for the reason. */
export async function askForViewing(page: Page): Promise<void> {
  await page
    .getByRole("button", { name: /^View: / })
    .first()
    .waitFor()
  await page.keyboard.press("v")
  await page.getByRole("heading", { name: "Why do you need this viewing?" }).waitFor()
}
