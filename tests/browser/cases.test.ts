import { signIn } from "@nightlight/dev-env/browser/sign-in"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"

const MINUTES = 60_000
const SHIFT = 30

describeOnDemo("cases", (demo) => {
  const caseShown = (page: Page): string => /case-[0-9a-f-]+/.exec(page.url())?.[0] ?? ""

  /** Waits until another case than `before` is shown and claimed; returns its id. */
  async function nextCase(page: Page, before: string): Promise<string> {
    await page.waitForURL((url) => /\/cases\/case-/.test(url.pathname) && !url.pathname.endsWith(before || "/"))
    return held(page, caseShown(page))
  }

  /** Waits until this case is shown and claimed. */
  async function held(page: Page, caseId: string): Promise<string> {
    await page.getByRole("article").getByTitle(caseId).first().waitFor()
    await page.getByText("You have taken this case").waitFor()
    await page.getByText("Choose one: keys 1 to 7").waitFor()
    return caseId
  }

  it("show the slower of two reviewers at once that the other has taken the case", {
    timeout: 3 * MINUTES,
  }, async () => {
    await using one = await demo.openPage()
    await using two = await demo.openPage()
    await signIn(one.page, demo.server.person("Reviewer One"), { to: "/cases" })
    await signIn(two.page, demo.server.person("Reviewer Two"), { to: "/cases" })
    await one.page.getByRole("option").nth(3).click()
    await one.page.getByRole("button", { name: /Take this case/ }).waitFor()
    const caseId = caseShown(one.page)
    await two.page.goto(`/cases/${caseId}`)
    await two.page.getByRole("button", { name: /Take this case/ }).waitFor()
    // The second page is kept from updating, as on a slow connection.
    await two.page.route(`**/v1/cases/${caseId}`, (route) => route.abort())
    await one.page.keyboard.press("Enter")
    await one.page.getByText("You have taken this case").waitFor()
    await two.page.keyboard.press("Enter")
    await two.page
      .getByRole("alert")
      .filter({ hasText: /changed|working|holds|faster/i })
      .waitFor()
    await two.page.unroute(`**/v1/cases/${caseId}`)
    // A live update reaches the page without a reload.
    const other = two.page.getByRole("status").filter({ hasText: "Reviewer One is working on it" })
    await two.page.goto("/cases")
    await two.page.goto(`/cases/${caseId}`)
    await other.waitFor()
    await one.page.getByRole("button", { name: "Give it back" }).click()
    await other.waitFor({ state: "hidden" })
    await two.page.getByRole("button", { name: /Take this case/ }).waitFor()
  })

  it("keep the text of a reviewer whose claim ended, even if somebody else has claimed the case", {
    timeout: 2 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reviewer One"), { to: "/cases" })
    await page.getByRole("option").nth(5).click()
    await page.getByRole("button", { name: /Take this case/ }).click()
    const caseId = await held(page, caseShown(page))
    await page.getByLabel("Why").fill("Made of shapes; the entry looks like a mistake.")
    await page.getByRole("button", { name: "Give it back" }).click()
    const kept = page.getByRole("region", { name: "Your unsent text" })
    await kept.getByText("Made of shapes; the entry looks like a mistake.").waitFor()
    const other = await demo.server.calls("Reviewer Two")
    const { version } = await other.must<{ version: number }>("GET", `/v1/cases/${caseId}`)
    await other.must("POST", `/v1/cases/${caseId}/claim`, { version })
    await page.getByRole("status").filter({ hasText: "Reviewer Two is working on it" }).waitFor()
    await kept.getByText("Made of shapes").waitFor()
    await expectAccessible(page)
    await kept.getByRole("button", { name: "Discard it" }).click()
    await kept.waitFor({ state: "hidden" })
    await other.must("DELETE", `/v1/cases/${caseId}/claim`)
  })

  it("open with five facts, show context on request, and are accessible in both themes", {
    timeout: 4 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reviewer Two"), { to: "/cases" })
    await page.getByRole("option").first().waitFor()
    await page.keyboard.press("x")
    await nextCase(page, "")
    const terms = await page.locator("dl.facts").first().locator("dt").allInnerTexts()
    expect(terms).toEqual(["What matched", "Came from", "When we knew", "Already done", "Policy suggests"])
    expect(await page.locator("img, video, canvas, picture").count()).toBe(0)
    await page.keyboard.press("1")
    await page.getByText("What this decision means").waitFor()
    await expectUsableInBoth(page, "case")
    await page.keyboard.press("c")
    await page.getByText("Digests", { exact: true }).waitFor()
    await page.getByText("Digests", { exact: true }).scrollIntoViewIfNeeded()
    await expectUsableInBoth(page, "case-context")
    const { events } = await (await demo.server.calls("Auditor")).must<{ events: { type: string; actor: string }[] }>(
      "GET",
      `/v1/audit/events?subject=${caseShown(page)}&type=context.read`,
    )
    expect(events.map(({ actor }) => actor)).toContain(demo.server.person("Reviewer Two").id)
    await page.keyboard.press("l")
    await page.getByText("Item by item").waitFor()
    await expectAccessible(page)
    await page.keyboard.press("?")
    await page.getByText("What the keys do on this page").waitFor()
    await expectUsableInBoth(page, "keys")
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: "Give it back" }).click()
    await page.getByRole("button", { name: /Take this case/ }).waitFor()
  })

  it("with near matches report only items that a person included: the page asks before it decides", {
    timeout: 3 * MINUTES,
  }, async () => {
    const calls = await demo.server.calls("Reviewer Two")
    const { cases } = await calls.must<{
      cases: { caseId: string; strengths: { exact: number; near: number }; claim?: unknown }[]
    }>("GET", "/v1/cases?state=open&limit=200")
    const isFree = ({ strengths, claim }: (typeof cases)[number]) => strengths.near > 0 && claim === undefined
    const found = cases.find((each) => isFree(each) && each.strengths.exact > 0) ?? cases.find(isFree)
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reviewer Two"), { to: `/cases/${found?.caseId}` })
    await page.getByRole("button", { name: /Take this case/ }).click()
    await held(page, found?.caseId ?? "")
    await page.keyboard.press("1")
    const part = page.getByRole("region", { name: "What is in the report" })
    await part.getByText("A person must decide before anything follows").waitFor()
    await page.keyboard.press("n")
    await page.keyboard.type("Read from what is known of it.")
    await page.keyboard.press("Control+Enter")
    await page
      .getByRole("alert")
      .filter({ hasText: /not (an )?exact match/ })
      .waitFor()
    await expectUsableInBoth(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await part.getByText(/^(\d+) of \1 items? in the report\.$/).waitFor()
    await page.keyboard.press("d")
    const dialog = page.getByRole("dialog")
    await dialog.getByText("No pager is set up: confirming calls nobody").waitFor()
    await expectAccessible(page)
    // A key that is held down confirms nothing.
    await page.keyboard.press("Enter")
    await dialog.waitFor({ state: "hidden" })
    expect(await calls.must("GET", `/v1/cases/${found?.caseId}`)).toMatchObject({ danger: false, state: "open" })
    await page.getByRole("button", { name: "Give it back" }).click()
  })

  it("in danger come first on the home page of people who may see them, and marking one as seen can be undone", {
    timeout: 3 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Senior Reviewer"), { to: "/" })
    const part = page.getByRole("region", { name: "A child may be in danger now" })
    await part.getByText("No pager is set up: nobody was called.").first().waitFor()
    expect(await page.getByRole("heading", { level: 2 }).first().textContent()).toBe("A child may be in danger now")
    const before = await part.getByRole("button", { name: "Mark as seen" }).count()
    await part.getByRole("button", { name: "Mark as seen" }).first().click()
    await part.getByText("Seen by").first().waitFor()
    await expectUsableInBoth(page)
    await part.getByRole("button", { name: "Undo" }).first().click()
    await expect.poll(() => part.getByRole("button", { name: "Mark as seen" }).count()).toBe(before)
  })

  it("hide the text of a conversation, turn by turn, until the user asks for it", {
    timeout: 2 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    const reviewer = await demo.server.calls("Reviewer Two")
    const { cases } = await reviewer.must<{ cases: { caseId: string; state: string }[] }>(
      "GET",
      "/v1/cases?kind=account&state=open",
    )
    await signIn(page, demo.server.person("Reviewer Two"), { to: `/cases/${cases.at(-1)?.caseId}` })
    await page.getByRole("button", { name: /Take this case/ }).click()
    await held(page, cases.at(-1)?.caseId ?? "")
    await page.keyboard.press("c")
    await page.getByText("Hidden until you ask").first().waitFor()
    expect(await page.locator(".cases-words").count()).toBe(0)
    await page.getByRole("button", { name: "Show the words" }).first().click()
    expect((await page.locator(".cases-words").textContent())?.length).toBeGreaterThan(0)
    await page.getByRole("button", { name: "Hide", exact: true }).click()
    expect(await page.locator(".cases-words").count()).toBe(0)
    await page.getByRole("button", { name: "Give it back" }).click()
    await page.getByRole("button", { name: /Take this case/ }).waitFor()
  })

  it("that two reviewers decided differently show the resolver both decisions and their differences", {
    timeout: 2 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    const senior = await demo.server.calls("Senior Reviewer")
    const { cases } = await senior.must<{ cases: { caseId: string }[] }>("GET", "/v1/cases?state=resolution")
    const caseId = cases[0]?.caseId ?? ""
    await signIn(page, demo.server.person("Senior Reviewer"), { to: `/cases/${caseId}` })
    await page.getByRole("button", { name: /Take this case/ }).click()
    await held(page, caseId)
    await page.getByText("They disagree in").waitFor()
    for (const stage of ["First", "Second"]) await page.getByRole("heading", { name: stage, exact: true }).waitFor()
    await expectUsableInBoth(page, "case-disagreement")
    await page.getByRole("heading", { name: "Resolve the disagreement" }).waitFor()
    await page.getByRole("button", { name: "Give it back" }).click()
  })

  it("are decided by keyboard alone, a shift of thirty", { timeout: 8 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reviewer One"), { to: "/cases" })
    await page.getByRole("option").first().waitFor()
    await page.keyboard.press("x")
    let shown = await nextCase(page, "")

    // The first decision is undone and made again.
    await page.keyboard.press("1")
    await page.keyboard.press("n")
    await page.keyboard.type(" Compared manually.")
    await page.keyboard.press("Escape")
    await decide(page)
    const second = await nextCase(page, shown)
    await page.keyboard.press("u")
    await held(page, shown)
    // The next case was claimed automatically; as it is untouched, it is released.
    const auditor = await demo.server.calls("Auditor")
    await expect
      .poll(async () => {
        const path = `/v1/audit/events?subject=${second}&type=case.released`
        return (await auditor.must<{ events: { actor: string }[] }>("GET", path)).events.map(({ actor }) => actor)
      })
      .toContain(demo.server.person("Reviewer One").id)
    // The rationale is still there.
    expect(await page.getByRole("textbox", { name: /^(Why|Further reasons)/ }).inputValue()).toContain(
      "Compared manually.",
    )
    await page.keyboard.press("1")
    await decide(page)
    shown = await nextCase(page, shown)

    for (let decided = 1; decided < SHIFT; decided++) {
      const isTest = (await page.getByRole("heading", { level: 1 }).textContent()) === "Test card"
      await page.keyboard.press(isTest ? "7" : "1")
      await decide(page)
      if (decided + 1 < SHIFT) shown = await nextCase(page, shown)
    }
    const calls = await demo.server.calls("Reviewer One")
    const { decisions } = await calls.must<{ decisions: number }>("POST", "/v1/me/shift/end", {})
    expect(decisions).toBeGreaterThanOrEqual(SHIFT)
  })

  /**
   * Submits the selected decision; includes items that are not exact matches, and writes a rationale if there is no
   * template.
   */
  async function decide(page: Page): Promise<void> {
    if (await page.getByRole("button", { name: /^Include/ }).isVisible()) await page.keyboard.press("a")
    if (!(await page.getByText(/^Template: /).isVisible())) {
      await page.keyboard.press("n")
      await page.keyboard.type("Read from what is known of it.")
      await page.keyboard.press("Control+Enter")
    } else await page.keyboard.press("Enter")
  }
})
