import { signIn } from "@nightlight/dev-env/browser/sign-in"
import { gzipBytes } from "@nightlight/dev-env/browser/travel"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { shoot, THEMES } from "./support/pictures.ts"

const MINUTES = 60_000

/** A page's name, the person who sees it, its path, and a text that shows once it is loaded. */
const SCREENS = [
  ["home", "Counsel", "/", "Train on data that"],
  ["insights", "Counsel", "/insights", "Precision of lists"],
  ["scans", "Counsel", "/scans", "Checked against"],
  ["guards", "Counsel", "/scans/guards", "Open surfaces"],
  ["received", "Counsel", "/scans/intake", "Findings that sources pushed"],
  ["cases", "Counsel", "/cases", "Choose a case"],
  ["reports", "Counsel", "/reports", "Filing without a person"],
  ["evidence", "Counsel", "/evidence", "What the states mean"],
  ["approvals", "Counsel", "/approvals", "Approvals by two people"],
  ["audit", "Counsel", "/audit", "Audit"],
  ["lists", "Counsel", "/lists", "known-shapes"],
  ["policies", "Counsel", "/policies", "What it governs"],
  ["settings", "Counsel", "/settings", "Your signing key"],
] as const

describeOnDemo("the console", (demo) => {
  const show = async (page: Page, path: string, text: string): Promise<void> => {
    await page.goto(path)
    await page.getByRole("main").getByText(text).first().waitFor()
  }

  it("is accessible on every screen, in both themes", { timeout: 6 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Counsel"))
    const faults: string[] = []
    for (const [name, , path, text] of SCREENS) {
      await show(page, path, text)
      for (const theme of THEMES) {
        await shoot(page, name, theme)
        await expectAccessible(page).catch((error: unknown) => faults.push(`${theme} ${String(error)}`))
      }
    }
    expect(faults).toEqual([])
  })

  it("loads at most 250 kB before anything is opened", { timeout: 2 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reporter"))
    await using cold = await demo.openPage({ storageState: await page.context().storageState() })
    const files = new Set<string>()
    cold.page.on("response", (response) => {
      if (!/^\/(v1|readyz)/.test(new URL(response.url()).pathname)) files.add(response.url())
    })
    await cold.page.goto("/")
    await cold.page.getByRole("heading", { name: "Home", level: 1 }).waitFor()
    const sizes = await Promise.all([...files].map(async (url) => (await gzipBytes(url)) / 1000))
    expect(sizes.length).toBeGreaterThan(3)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(250)
  })

  it("fits a narrow window, and a page at twice its size, without content beyond the right edge", {
    timeout: 4 * MINUTES,
  }, async () => {
    // Zooming to 200 % halves the width.
    await using watched = await demo.openPage({ viewport: { width: 720, height: 450 } })
    const { page } = watched
    await signIn(page, demo.server.person("Counsel"))
    const wide: string[] = []
    for (const [, , path, text] of SCREENS) {
      await show(page, path, text)
      const beyond = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
      if (Number(beyond) > 1) wide.push(`${path}: ${String(beyond)} px`)
    }
    expect(wide).toEqual([])
    await page.goto("/cases")
    await page.getByRole("button", { name: "Show the list" }).click()
    await page.getByRole("option").first().click()
    await page.getByRole("heading", { name: "Items" }).waitFor()
  })

  it("shows a tour at the first sign-in, once", { timeout: 2 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Auditor"), { tour: true })
    const tour = page.getByRole("dialog", { name: "A minute before you begin" })
    await tour.waitFor()
    await expectUsableInBoth(page, "tour")
    while (!(await tour.getByRole("button", { name: "Begin" }).isVisible())) {
      await tour.getByRole("button", { name: "Next" }).click()
    }
    await Promise.all([
      page.waitForResponse(
        (response) => response.url().endsWith("/v1/me/preferences") && response.request().method() === "PUT",
      ),
      tour.getByRole("button", { name: "Begin" }).click(),
    ])
    await page.reload()
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor()
    expect(await tour.count()).toBe(0)
    await page.getByRole("button", { name: /^You: / }).click()
    await page.getByRole("menuitem", { name: "Show the tour again" }).click()
    await tour.waitFor()
  })

  it("says that the live connection is down and that it is back, and reads again what changed meanwhile", {
    timeout: 2 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Senior Reviewer"), { to: "/cases" })
    await page.getByRole("option").first().waitFor()
    await page.context().setOffline(true)
    await page.getByRole("status").filter({ hasText: "offline" }).waitFor()
    await page.context().setOffline(false)
    await page.getByRole("status").filter({ hasText: "offline" }).waitFor({ state: "hidden" })
  })
})
