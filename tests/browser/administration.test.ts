import { signIn } from "@nightlight/dev-env/browser/sign-in"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { signInWithKey } from "./support/enrol-key-by-code.ts"

const MINUTES = 60_000

describeOnDemo("the administration page", (demo) => {
  const choose = (page: Page, name: string) => page.getByRole("option").filter({ hasText: name }).click()
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })
  const secret = async (page: Page): Promise<string> => (await page.locator("code").textContent()) ?? ""

  it("invites a person by a link that is shown once, and grants a role when a second administrator approves", {
    timeout: 4 * MINUTES,
  }, async () => {
    await using one = await demo.openPage()
    await using two = await demo.openPage()
    await signInWithKey(one.page, demo.server, "Administrator One", { to: "/administration" })
    await one.page.getByText(/work here; .* reviewers are trained/).waitFor()
    await one.page.keyboard.press("n")
    await one.page.keyboard.type("Auditor Two")
    await one.page.keyboard.press("Tab")
    await one.page.keyboard.type("auditor.two@example.org")
    await one.page.keyboard.press("Enter")
    await one.page.getByText("Shown once").waitFor()
    const link = await secret(one.page)
    expect(link).toMatch(new RegExp(`^${demo.server.origin}/join#`))
    await expectUsableInBoth(one.page)
    await button(one.page, "Close").click()
    expect(await one.page.content()).not.toContain(link.slice(link.indexOf("#")))

    await choose(one.page, "Auditor Two")
    await button(one.page, "Request a role").click()
    await one.page.getByRole("radio", { name: "auditor" }).check()
    await button(one.page, "Request approval").click()
    const approval = (page: Page) => page.getByRole("article", { name: /Give Auditor Two the role auditor/ })
    await approval(one.page).getByText("Another, independent person must answer this").waitFor()

    await signInWithKey(two.page, demo.server, "Administrator Two", { to: "/administration/people" })
    await choose(two.page, "Auditor Two")
    await expectUsableInBoth(two.page, "administration-person")
    await approval(two.page).getByRole("button", { name: "Approve" }).click()
    await approval(two.page).getByText("You were the second person.").waitFor()
    // The first administrator's page updates by itself.
    await one.page.getByRole("cell", { name: /^auditor/ }).waitFor()
    await approval(one.page).waitFor({ state: "hidden" })
  })

  it("makes a key whose token is shown once, and which no longer works once it is revoked", {
    timeout: 3 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Administrator One"), { to: "/administration/keys" })
    await button(page, "Make a key").click()
    await page.getByRole("textbox", { name: "Name" }).fill("Second scanner")
    await page.getByRole("checkbox", { name: "pushing findings" }).check()
    await page.getByRole("combobox", { name: "Source" }).selectOption({ label: "Example Pictures" })
    await expectAccessible(page)
    await button(page, "Make the key").click()
    await page.getByText("Shown once").waitFor()
    const token = await secret(page)
    const asKey = async () =>
      (await fetch(`${demo.server.origin}/v1/source`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await asKey()).toBe(200)
    await button(page, "Close").click()
    expect(await page.content()).not.toContain(token)
    await button(page, "Revoke: Second scanner").click()
    await page.getByText("This cannot be undone").waitFor()
    await expectAccessible(page)
    await button(page, "Revoke it").click()
    await page
      .getByRole("row")
      .filter({ hasText: "Second scanner" })
      .getByText(/revoked/)
      .waitFor()
    expect(await asKey()).toBe(401)
  })

  it("says before viewing limits are set whether they become stricter or looser", {
    timeout: 3 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Counsel"), { to: "/administration/wellness" })
    const viewings = page.getByRole("textbox", { name: "Viewings a day" })
    await viewings.fill("40")
    await page.getByText("Stricter from the next viewing on: Viewings a day.").waitFor()
    await expectUsableInBoth(page, "administration-wellness")
    await button(page, "Set").click()
    await page.getByText("The limits are in force from now on.").waitFor()
    await viewings.fill("50")
    await page.getByText(/Looser: Viewings a day\. The log records that/).waitFor()
    const reviewer = await demo.server.calls("Reviewer One")
    const { limits } = await reviewer.must<{ limits: { itemsPerDay: number } }>("GET", "/v1/me/exposure")
    expect(limits.itemsPerDay).toBe(40)
  })

  it("shows each tab only to people with its permission, and is accessible", { timeout: 3 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Administrator One"), { to: "/administration" })
    const tabs = page.getByRole("navigation", { name: "Parts of the administration" }).getByRole("link")
    await tabs.first().waitFor()
    expect(await tabs.allInnerTexts()).toEqual(["People", "Keys", "Sources", "Sign-on", "Installation"])
    for (const [key, heading] of [
      ["3", "Sources"],
      ["4", "Signing in"],
      ["5", "Installation"],
    ] as const) {
      await page.keyboard.press(key)
      await page.getByRole("heading", { level: 1, name: heading }).waitFor()
      await page.getByRole("heading", { level: 2 }).or(page.getByRole("table")).first().waitFor()
      await expectUsableInBoth(page)
    }
    await page.goto("/administration/wellness")
    await page.getByText("This page needs a role that you do not have.").waitFor()
  })

  // Runs last, because a restore ends every session and suspends keys that other tests use.
  it("confirms or revokes each key and source after a restore, and closes it", {
    timeout: 4 * MINUTES,
  }, async () => {
    const marked = await runCommand(["restore", "--pause", "--data", demo.server.folder])
    expect(marked).toMatchObject({ exit: 0 })
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Administrator One"), { to: "/administration/installation" })
    const section = page.getByRole("region", { name: "Restore" })
    const letIn = section.getByRole("button", { name: /^Confirm: / })
    await letIn.first().waitFor()
    await page.getByText(/the restore is not closed/).waitFor()
    await expectUsableInBoth(page, "administration-restore")
    const answer = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click()
    const count = await letIn.count()
    await section
      .getByRole("button", { name: /^Revoke: / })
      .first()
      .click()
    await page.getByText("It never works again.").waitFor()
    await answer("Revoke")
    for (let left = count - 1; left > 0; left--) {
      await expect.poll(() => letIn.count(), { timeout: 20_000 }).toBe(left)
      await letIn.first().click()
      await answer("Confirm")
    }
    await section.getByText("No key and no source is suspended any more.").waitFor()
    await button(page, "Compare with the custodian and close").click()
    await section.getByText("The restore is closed: everyone can sign in again.").waitFor()
    const reviewer = await demo.server.calls("Reviewer One")
    expect((await reviewer.call("GET", "/v1/me")).status).toBe(200)
  })
})
