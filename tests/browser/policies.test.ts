import type { CaseDetail, CaseList, ItemList, PolicyList } from "@nightlight/contract/server"
import { signIn } from "@nightlight/dev-env/browser/sign-in"
import type { CookieCalls } from "@nightlight/dev-env/command/cookie-calls"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import type { z } from "zod"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { signInWithKey } from "./support/enrol-key-by-code.ts"

const MINUTES = 60_000

describeOnDemo("policies and lists", (demo) => {
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })

  it("let a person write a policy with its mistakes shown by line, try it, and activate it with a second person", {
    timeout: 6 * MINUTES,
  }, async () => {
    await using one = await demo.openPage()
    await using two = await demo.openPage()
    const { page } = one
    await signInWithKey(page, demo.server, "Policy Editor", { to: "/policies" })
    await page.getByRole("heading", { level: 1, name: "default, version 1" }).waitFor()
    await page.getByText("Its policy file is the same text as the active version").waitFor()
    await expectUsableInBoth(page)

    // Write: a mistake is listed, and Enter on it leads to its line.
    await page.keyboard.press("n")
    const text = page.getByRole("textbox", { name: "Policy (YAML)" })
    const tests = page.getByRole("textbox", { name: /^Tests beside it/ })
    await page.getByText("It loads, and can be saved.").waitFor()
    expect(await button(page, "Save as a draft").isDisabled()).toBe(true)
    const before = await text.inputValue()
    const wrong = before
      .replace("version: 1", "version: 2")
      .replace("when: size(matches) > 0", "when: siz(matches) > 0")
    await text.fill(wrong)
    await page.getByRole("status").filter({ hasText: "1 problem keeps it from being saved." }).waitFor()
    expect(await button(page, "Save as a draft").isDisabled()).toBe(true)
    const line = wrong.split("\n").findIndex((each) => each.includes("siz(matches)")) + 1
    await page.getByRole("button", { name: new RegExp(`^Policy, line ${line}, `) }).focus()
    await page.keyboard.press("Enter")
    expect(
      await text.evaluate((field: { value: string; selectionStart: number; selectionEnd: number }) =>
        field.value.slice(field.selectionStart, field.selectionEnd),
      ),
    ).toBe("siz(matches) > 0")
    await expectUsableInBoth(page, "policy-problem")

    // A stricter policy fails its old tests first.
    const stricter = before
      .replace("version: 1", "version: 2")
      .replace("when: size(matches) > 0\n    decide: review", "when: size(matches) > 0\n    decide: quarantine")
    await text.fill(stricter)
    await page.getByRole("status").filter({ hasText: "problems keep it from being saved" }).waitFor()
    await tests.fill("")
    await page.getByText("It loads, and can be saved.").waitFor()
    await button(page, "Save as a draft").click()
    await page.getByRole("heading", { level: 1, name: "default, version 2" }).waitFor()
    await page.getByText("Not tried yet on past findings.").waitFor()
    await page.getByText("In the active version: review").waitFor()

    // Try: the result is counted, in words and in a table.
    await button(page, "Try it on past findings").click()
    await button(page, "Try it").click()
    await page
      .getByRole("strong")
      .filter({ hasText: /^\d+ of \d+ would change: \d+ from review to quarantine\.$/ })
      .waitFor()
    await page.getByRole("cell", { name: /^\d+ changes$/ }).waitFor()
    await page.getByText(/^Tried just now: \d+ of \d+ would change/).waitFor()
    await expectUsableInBoth(page, "policy-tried")
    const path = new URL(page.url()).pathname

    // One person's request changes nothing.
    await button(page, "Make it active").click()
    await page.getByText("default, version 1 decides now.").waitFor()
    await expectAccessible(page)
    await button(page, "Request approval").click()
    await page.getByText("Another, independent person must answer this").waitFor()
    const first = await activeOf(await demo.server.calls("Auditor"))
    expect(first).not.toBe(path.slice("/policies/".length))
    await page.goto("/")
    await page.getByText(/approval waits for another person's answer/).waitFor()

    // The other person finds it on the home page, and approves it after reading.
    await signInWithKey(two.page, demo.server, "Counsel")
    await two.page.getByText("A new active policy").waitFor()
    await two.page.goto(path)
    await two.page
      .getByRole("link", { name: /^case-/ })
      .first()
      .waitFor()
    await expectUsableInBoth(two.page, "policy-approve")
    await button(two.page, "Approve").click()
    await two.page.getByText("You were the second person.").waitFor()
    await two.page.getByText("another text than the active version").waitFor()
    expect(await activeOf(await demo.server.calls("Auditor"))).toBe(path.slice("/policies/".length))
    await two.page.goto("/")
    await two.page.getByRole("heading", { name: "What needs you now" }).waitFor()
    expect(await two.page.getByText("A new active policy").count()).toBe(0)

    // The requester sees the activation, and can request a rollback.
    await page.goto(path)
    await page.getByText("approved by Counsel").waitFor()
    await button(page, "Bring back the previous version").click()
    await page.getByText("Then default, version 1 decides again").waitFor()
    await expectAccessible(page)

    // The rollback takes two people as well.
    await button(page, "Request approval").click()
    await page.getByText("Another, independent person must answer this").waitFor()
    expect(await activeOf(await demo.server.calls("Auditor"))).toBe(path.slice("/policies/".length))
    await two.page.goto(path)
    await button(two.page, "Approve").click()
    await two.page.getByText("You were the second person.").waitFor()
    expect(await activeOf(await demo.server.calls("Auditor"))).toBe(first)
    await page.goto(`/policies/${first}`)
    await page.getByText("Its policy file is the same text as the active version").waitFor()
  })

  it("keep the counts of a version's run in shadow after it is ended", { timeout: 4 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Policy Editor"), { to: "/policies/new" })
    const text = page.getByRole("textbox", { name: "Policy (YAML)" })
    await text.fill((await text.inputValue()).replace(/^version: \d+$/m, "version: 7"))
    await page.getByText("It loads, and can be saved.").waitFor()
    await button(page, "Save as a draft").click()
    await page.getByText("It was never in shadow.").waitFor()
    await button(page, "Let it decide in shadow").click()
    await button(page, "Start the shadow").click()
    await page.getByText("Decides beside the active version.").waitFor()
    await page.getByText("Nothing was screened in that time yet.").waitFor()
    await expectUsableInBoth(page, "policy-shadow")
    await button(page, "End the shadow").click()
    await button(page, "End it").click()
    await page.getByText("Stored as a draft. It decides nothing.").waitFor()
    await page.getByText(/^In shadow from .* until/).waitFor()
  })

  it("show a list's age and outcomes; a reported false positive is ignored after a second person's approval", {
    timeout: 6 * MINUTES,
  }, async () => {
    const caseId = await harmlessCase(await demo.server.calls("Reviewer Two"))
    await using reviewer = await demo.openPage()
    await signIn(reviewer.page, demo.server.person("Reviewer Two"), { to: `/cases/${caseId}` })
    await button(reviewer.page, "Report a false positive").click()
    await reviewer.page.getByRole("radio", { name: "It is not the listed picture" }).check()
    await expectAccessible(reviewer.page)
    await button(reviewer.page, "Report it").click()
    await reviewer.page.getByText("Recorded. It changes nothing yet.").waitFor()

    await using senior = await demo.openPage()
    const { page } = senior
    await signInWithKey(page, demo.server, "Senior Reviewer", { to: "/lists" })
    await page.getByRole("heading", { level: 1, name: "Lists" }).waitFor()
    await page.getByText("real lists", { exact: true }).waitFor()
    await expectUsableInBoth(page)
    await page.getByRole("option", { name: /partner-shapes/ }).click()
    await page.getByText("Older than 30 days").waitFor()
    await page.getByRole("option", { name: /open false positive/ }).click()
    await page.getByText(/of its decided cases were not harmless/).waitFor()
    await expectUsableInBoth(page, "list")
    const ofPage = (shown: Page) => shown.getByRole("listitem").filter({ hasText: "opened by Reviewer Two" })
    const falsePositive = ofPage(page)
    await falsePositive.getByRole("button", { name: "Request that it is ignored" }).click()
    await expectAccessible(page)
    await falsePositive.getByRole("button", { name: "Request approval" }).click()
    await falsePositive.getByText("Another, independent person must answer this").waitFor()

    await using editor = await demo.openPage()
    await signInWithKey(editor.page, demo.server, "Policy Editor", { to: "/lists" })
    await ofPage(editor.page).getByRole("button", { name: "Approve" }).click()
    await ofPage(editor.page).getByText("You were the second person.").waitFor()
    await falsePositive.getByText("this server ignores the match on this one item").waitFor()
    await falsePositive.getByRole("button", { name: "End the false positive" }).click()
    await falsePositive.getByRole("button", { name: "End it" }).click()
    await falsePositive
      .getByText("It was accepted as a false positive, and has ended. The match counts again.")
      .waitFor()
    await page.getByRole("link", { name: "Policies", exact: true }).click()
    await page.locator("a[aria-current=page]", { hasText: "Policies" }).first().waitFor()
  })
})

async function activeOf(calls: CookieCalls): Promise<string | undefined> {
  return (await calls.must<z.infer<typeof PolicyList>>("GET", "/v1/policies")).active
}

/** A case of a near match, decided by the caller to be no violation, after the time for undoing. */
async function harmlessCase(calls: CookieCalls): Promise<string> {
  const { cases } = await calls.must<z.infer<typeof CaseList>>("GET", "/v1/cases?state=open&limit=100")
  for (const { caseId, claim } of cases) {
    if (claim !== undefined) continue
    const { items: caseItems } = await calls.must<z.infer<typeof ItemList>>("GET", `/v1/cases/${caseId}/items`)
    const isAlike = caseItems.every(
      ({ digests, matches }) =>
        digests === "verified" &&
        matches.length > 0 &&
        matches.every(({ hashType, trust }) => hashType === "pdq" && trust !== "test"),
    )
    if (!isAlike) continue
    const get = () => calls.must<z.infer<typeof CaseDetail>>("GET", `/v1/cases/${caseId}`)
    const claimed = await calls.must<z.infer<typeof CaseDetail>>("POST", `/v1/cases/${caseId}/claim`, {
      version: (await get()).version,
    })
    await calls.must("POST", `/v1/cases/${caseId}/decisions`, {
      version: claimed.version,
      basis: "not-violation",
      rationale: "Made up: overlapping shapes and nothing else.",
      imminentDanger: false,
      annotations: [],
      items: [],
    })
    await expect.poll(async () => (await get()).decided?.outcome, { timeout: MINUTES }).toBe("not-violation")
    return caseId
  }
  throw new Error("no case of the demonstration is only a look-alike")
}
