import { signIn } from "@nightlight/dev-env/browser/sign-in"
import type { CookieCalls } from "@nightlight/dev-env/command/cookie-calls"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import type { WatchedPage } from "./support/browser.ts"
import { openStoreAfterKey } from "./support/browser-store.ts"
import { DEMO_START_MS } from "./support/demo-server.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { shoot } from "./support/pictures.ts"

const MINUTES = 60_000

interface Head {
  readonly id: string
  readonly caseId: string
  readonly state: string
  readonly version: number
  readonly environment: string
  readonly remoteReportId?: string
}

describeOnDemo("a report", (demo) => {
  /** A browser with a signing key. An enrolment code works only once, so it stays open for all tests. */
  let reporter: WatchedPage
  let counsel: WatchedPage
  let calls: CookieCalls

  /** Signs a person in and enrols their signing key in this browser. */
  const arrive = async (name: string): Promise<WatchedPage> => {
    const watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person(name), { to: "/settings" })
    await page.getByLabel("Code from the custodian's host").fill(demo.server.person(name).enrolmentCode ?? "")
    await page.keyboard.press("Enter")
    await page.getByText("This browser has your key.").waitFor()
    return watched
  }
  const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name })
  const listed = async (state: string) =>
    (await calls.must<{ reports: readonly Head[] }>("GET", `/v1/reports?state=${state}`)).reports
  const one = async (state: string): Promise<Head> => {
    const [first] = await listed(state)
    if (first === undefined) throw new Error(`expected the demonstration to have a report that is ${state}`)
    return first
  }

  beforeAll(async () => {
    reporter = await arrive("Reporter")
    counsel = await arrive("Counsel")
    calls = await demo.server.calls("Reporter")
  }, DEMO_START_MS)
  afterAll(async () => {
    for (const watched of [reporter, counsel]) await watched?.[Symbol.asyncDispose]()
  })

  it("is filed by two people: drafted from a decided case, corrected, previewed as it is sent, signed twice", {
    timeout: 4 * MINUTES,
  }, async () => {
    const { page } = reporter
    const decided = await calls.must<{ cases: readonly { caseId: string; decided?: { outcome: string } }[] }>(
      "GET",
      "/v1/cases?state=decided",
    )
    const reported = new Set(
      (await calls.must<{ reports: readonly Head[] }>("GET", "/v1/reports?limit=200")).reports.map(
        ({ caseId }) => caseId,
      ),
    )
    const fresh = decided.cases.find((each) => each.decided?.outcome === "reportable" && !reported.has(each.caseId))
    // The start page's button has the focus.
    await page.goto(`/reports?case=${fresh?.caseId}`)
    await button(page, "Draft the report").waitFor()
    await page.keyboard.press("Enter")
    await page.waitForURL(/\/reports\/report-/)
    const reportId = page.url().split("/").at(-1) ?? ""
    await page.getByText("This report has no effect and closes no case.").waitFor()
    await page.getByRole("heading", { name: "What happened" }).waitFor()
    await expectUsableInBoth(page, "report-draft")

    // Fields that the schema allows are offered; a wrong value is reported beside its field.
    await page.keyboard.press("e")
    const emergency = page.getByRole("combobox", { name: "Add to this part…" }).first()
    await emergency.selectOption({ value: "escalateToHighPriority" })
    await page.getByRole("textbox", { name: "Why it is urgent" }).fill(" ")
    await expectUsableInBoth(page, "report-edit")
    await button(page, "Save").click()
    await page.getByText("One thing keeps this from being signed").waitFor()
    await page.keyboard.press("p")
    await page.getByText("The report cannot be written yet").waitFor()
    await page.keyboard.press("Escape")
    await button(page, /Why it is urgent/).click()
    const field = page.getByRole("textbox", { name: "Why it is urgent" })
    await expect
      .poll(() => page.locator(":focus").getAttribute("id"))
      .toBe("field-document-incidentSummary-escalateToHighPriority")
    await field.fill("A sentence of a test.")
    await button(page, "Save").click()
    await page.getByRole("heading", { name: "Report to the CyberTipline" }).waitFor()
    await page.getByText("A sentence of a test.").waitFor()
    await page.getByText("Typed by a person here.").waitFor()

    // Preview what is sent, before signing.
    await page.keyboard.press("p")
    await page.getByText("<escalateToHighPriority>A sentence of a test.</escalateToHighPriority>").waitFor()
    await expectUsableInBoth(page, "report-preview")
    await page.keyboard.press("p")
    await page.keyboard.press("a")
    await page.getByText("It has one signature and waits for another reporter, or counsel.").waitFor()
    await button(page, "Sign again").waitFor()
    expect(await button(page, /Approve/).count()).toBe(0)

    // The approver, in another browser.
    const second = counsel.page
    await second.goto(`/reports/${reportId}`)
    await button(second, "Approve and send to the test host").waitFor()
    await second.getByRole("heading", { name: "What happened" }).waitFor()
    await expectUsableInBoth(second, "report-approve")
    await second.keyboard.press("a")
    for (const each of [second, page]) {
      await each.getByRole("heading", { name: "The test host has this report" }).waitFor()
    }
    await expectUsableInBoth(page, "report-receipt")
    const filed = (await listed("finished")).find(({ id }) => id === reportId)
    await page.getByText(filed?.remoteReportId ?? "no number", { exact: true }).waitFor()
    await page.getByText("A follow-up needs a report to the production host").waitFor()
    // A report to the test host does not stop the case's clock.
    expect(await calls.must("GET", `/v1/cases/${fresh?.caseId}`)).toMatchObject({ clockRunning: true })
  })

  it("keeps the typed text if somebody else saved first", { timeout: 2 * MINUTES }, async () => {
    const { page } = reporter
    const { id } = await one("draft")
    await page.goto(`/reports/${id}`)
    await button(page, /^Edit/).click()
    const platform = page.getByRole("textbox", { name: "Platform" })
    await platform.fill("Typed meanwhile")
    const theirs = await calls.must<{ report: Head; document: object; files: readonly object[] }>(
      "GET",
      `/v1/reports/${id}`,
    )
    const { version } = theirs.report
    const { document, files } = theirs
    await calls.must("PUT", `/v1/reports/${id}`, {
      version,
      files,
      document: { ...document, additionalInfo: "Theirs." },
    })
    await page.getByText("They changed: Further information.").waitFor()
    expect(await platform.inputValue()).toBe("Typed meanwhile")
    await page.getByRole("link", { name: "Home" }).click()
    await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor()
    await button(page, "Stay").click()
    await expectAccessible(page)
    await button(page, "Save mine over it").click()
    await page.getByRole("heading", { name: "Report to the CyberTipline" }).waitFor()
    await page.getByText("Typed meanwhile").waitFor()
    expect(await calls.must("GET", `/v1/reports/${id}`)).toMatchObject({
      document: { incidentSummary: { platform: "Typed meanwhile" } },
    })
  })

  it("that stopped says why and what to do, and can be drafted again once it is given up", {
    timeout: 2 * MINUTES,
  }, async () => {
    const { page } = reporter
    const { id } = await one("held")
    await page.goto(`/reports/${id}`)
    await page.getByText(/The CyberTipline answered 4100: the report does not pass its validation/).waitFor()
    await expectUsableInBoth(page, "report-stopped")
    await button(page, "Give this report up").click()
    await page.keyboard.press("Enter")
    await page.getByText("It was given up before it was filed.").waitFor()
    await page.keyboard.press("f")
    await page.waitForURL((url) => url.pathname.startsWith("/reports/") && !url.pathname.endsWith(id))
    await button(page, /Sign and request approval/).waitFor()
  })

  it("filed manually is typed from a sheet, and counts once a second person confirms its number", {
    timeout: 3 * MINUTES,
  }, async () => {
    const { page } = reporter
    const { id } = await one("proposed")
    await page.goto(`/reports/${id}`)
    // The score arrives after the rest and moves what is below it, and with it where a click lands.
    await page.getByRole("heading", { name: /^Completeness/ }).waitFor()
    await page.getByText("The service is down: file manually").click()
    await button(page, "Show the sheet").click()
    await page.getByRole("row", { name: /What happened, Platform/ }).waitFor()
    await expectAccessible(page)
    await shoot(page, "report-sheet", "light")
    await page.keyboard.press("Escape")
    await page.getByRole("textbox", { name: /Report number/ }).fill("987654321")
    await button(page, "Ask a second person to confirm").click()
    // Nothing else can be signed meanwhile, because it would be filed twice.
    await page.getByText("Somebody stated that this was filed manually.").waitFor()

    const second = counsel.page
    await second.goto("/approvals")
    const approval = second.getByRole("article", { name: /under number 987654321/ })
    await approval.getByRole("button", { name: "Approve" }).click()
    await approval.getByRole("button", { name: "Approve for good" }).click()
    await approval.getByText("You were the second person.").waitFor()
    await page.getByRole("heading", { name: "The CyberTipline has this report" }).waitFor()
    await expectUsableInBoth(page, "report-manual")
    // It is a production report now, so it can have a follow-up.
    await page.keyboard.press("f")
    await page.getByText("Follow-up").first().waitFor()
    await page.getByText("987654321").first().waitFor()
  })

  it("is filed automatically only after counsel and a reporter both signed an authorisation", {
    timeout: 3 * MINUTES,
  }, async () => {
    const { page } = counsel
    await page.goto("/reports")
    await button(page, "Request approval").click()
    await page.getByRole("checkbox", { name: "known-shapes" }).check()
    await page.getByRole("combobox", { name: "The second person" }).selectOption({ label: "Reporter" })
    await expectAccessible(page)
    await button(page, "Sign and ask the reporter").click()
    const asked = (on: Page) => on.getByRole("article", { name: /filed without a person/ })
    await asked(page).getByText("Another, independent person must answer this").waitFor()

    // The key is pressed before the browser has loaded the reporter's signing key, which the approval needs.
    await openStoreAfterKey(reporter.page, "/approvals", "a")
    await reporter.page.goto("/approvals")
    await asked(reporter.page).waitFor()
    await reporter.page.keyboard.press("j")
    await reporter.page.keyboard.press("a")
    await asked(reporter.page).getByText("You were the second person.").waitFor()
    await expectAccessible(reporter.page)
    await page.getByText("On, only for exact matches of the lists below.").waitFor()
    await expectUsableInBoth(page, "reports-automatic")
    await button(page, "End it").click()
    await button(page, "End it now").click()
    await page.getByText("One has ended").waitFor()
  })

  it("fits a narrow window as a summary, as a form and as it is sent", { timeout: 2 * MINUTES }, async () => {
    const { page } = reporter
    const { id } = await one("draft")
    const size = page.viewportSize()
    await page.setViewportSize({ width: 720, height: 450 })
    const beyond: string[] = []
    for (const [key, heading] of [
      [undefined, "Report to the CyberTipline"],
      ["p", "Exactly what is sent"],
      ["e", "Editing the report"],
    ] as const) {
      await page.goto(`/reports/${id}`)
      await button(page, /^Edit/).waitFor()
      if (key !== undefined) await page.keyboard.press(key)
      await page.getByRole("heading", { name: heading }).waitFor()
      const wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
      if (Number(wide) > 1) beyond.push(`${heading}: ${String(wide)} px`)
      await expectAccessible(page)
    }
    expect(beyond).toEqual([])
    await page.goto(`/reports/${id}`)
    await page.getByRole("link", { name: "What you can do, below the report" }).click()
    await expect.poll(() => page.locator(":focus").getAttribute("id")).toBe("approval-title")
    if (size !== null) await page.setViewportSize(size)
  })

  it("shows approvals like every other page, and shows the requester why one was declined", {
    timeout: 2 * MINUTES,
  }, async () => {
    const { page } = counsel
    await page.goto("/approvals")
    const approval = page.getByRole("article", { name: /^Disclose .* of case-/ })
    await approval.getByRole("button", { name: "Decline" }).click()
    await approval.getByRole("radio", { name: "Talk to me first" }).check()
    await expectUsableInBoth(page, "approvals-decline")
    await approval.getByRole("button", { name: "Decline" }).click()
    await approval.getByText("Declined. The person who requested it sees why.").waitFor()
    await approval.getByRole("button", { name: "Close" }).click()
    await page.getByRole("row", { name: /Disclose .* of case-.*Talk to me first/ }).waitFor()
    await expectAccessible(page)
  })
})
