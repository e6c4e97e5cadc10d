import { readFile } from "node:fs/promises"
import { signIn } from "@nightlight/dev-env/browser/sign-in"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { signInWithKey } from "./support/enrol-key-by-code.ts"

const MINUTES = 60_000

describeOnDemo("evidence", (demo) => {
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })

  it("is held by counsel, and destroyed on an order after a second person's approval, with a certificate", {
    timeout: 6 * MINUTES,
  }, async () => {
    await using one = await demo.openPage()
    await using two = await demo.openPage()
    const { page } = one
    await signInWithKey(page, demo.server, "Counsel", { to: "/evidence" })
    await page.getByRole("heading", { name: "What the states mean" }).waitFor()
    await expectUsableInBoth(page)
    await page.getByRole("option").filter({ hasText: "Locked until" }).first().click()
    await page.getByText("Sealed evidence was received").waitFor()

    await button(page, "Place a hold").click()
    await page.getByRole("textbox", { name: /Who requested it/ }).fill("Letter seven of the Example Court")
    await expectAccessible(page)
    await button(page, "Place the hold").click()
    await page.getByText("on hold: it is not destroyed by its date or automatically").waitFor()
    await button(page, "Who requested it").click()
    await page.getByText("Letter seven of the Example Court").waitFor()
    await page.getByRole("cell", { name: /The reference of a hold was read/ }).waitFor()
    const caseId =
      (await page
        .getByTitle(/^case-/)
        .last()
        .getAttribute("title")) ?? ""
    const evidencePath = new URL(page.url()).pathname

    await page.goto("/evidence/requests/new")
    await page.getByRole("radio", { name: "Request to destroy" }).check()
    await page.getByRole("textbox", { name: "Agency" }).fill("Example Court")
    await page.getByRole("textbox", { name: "Officer" }).fill("Clerk")
    await page.getByRole("textbox", { name: "Their reference" }).fill("2026-7")
    await page.getByRole("textbox", { name: /What is asked for/ }).fill("Made up: the evidence of one case.")
    await expectUsableInBoth(page)
    await button(page, "Record it").click()
    await page.getByRole("heading", { level: 1, name: "Request to destroy" }).waitFor()
    await page.getByText("Sealed. Counsel opens it; each opening is recorded.").waitFor()
    expect(await page.content()).not.toContain("Made up: the evidence")
    await page.getByRole("textbox", { name: "Id of the case" }).fill(caseId)
    await button(page, "Link").click()
    await page.getByRole("link", { name: /^Evidence:/ }).waitFor()
    await button(page, "Open it").click()
    await page.getByText("Made up: the evidence of one case.").waitFor()
    await expectUsableInBoth(page, "evidence-request")

    await page.goto(evidencePath)
    await button(page, "Request destruction").click()
    await page.getByRole("radio", { name: "An order requires it" }).check()
    await page.getByRole("combobox", { name: /The recorded request/ }).selectOption({ index: 1 })
    await page.getByText("What is lost").waitFor()
    await expectUsableInBoth(page, "evidence-destruction")
    await button(page, "Request approval").click()
    await page.getByText("Another, independent person must answer this").waitFor()

    await signInWithKey(two.page, demo.server, "Custodian", { to: evidencePath })
    const approval = two.page.getByRole("article", { name: /Destroy the evidence/ })
    await approval.getByRole("button", { name: "Approve" }).click()
    await approval.getByRole("button", { name: "Approve for good" }).click()
    await approval.getByText("You were the second person.").waitFor()
    // Both pages update by themselves; the certificate is there at once.
    await page.getByRole("link", { name: "Open the certificate" }).click()
    await page.getByRole("heading", { level: 1, name: "Certificate of destruction" }).waitFor()
    await page.getByText("An order required it.").waitFor()
    await page.getByText("Copies that were filed with the CyberTipline are not ours to destroy.").waitFor()
    await expectUsableInBoth(page, "evidence-certificate")
  })

  it("is disclosed by two people, and the custody record is shown to the approver, once", {
    timeout: 4 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signInWithKey(page, demo.server, "Counsel", { to: "/evidence/requests" })
    await page.getByRole("option").filter({ hasText: "Legal process" }).click()
    const approval = page.getByRole("article", { name: /Disclose/ })
    await approval.getByRole("button", { name: "Approve" }).click()
    await approval.getByRole("button", { name: "Approve for good" }).click()
    await approval.getByText("nightlight-custody-record/1").waitFor()
    await expectAccessible(page)
    await page.getByRole("cell", { name: /custody record/ }).waitFor()
    await button(page, "Close").click()
    await approval.waitFor({ state: "hidden" })
    expect(await page.content()).not.toContain("nightlight-custody-record/1")
  })

  it("is tracked in a log that can be searched, opened, verified by one key and saved as a file", {
    timeout: 4 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Auditor"), { to: "/audit" })
    await page.getByRole("option").first().waitFor()
    await page.keyboard.press("v")
    await page.getByText("The log is valid.").waitFor()
    await page.getByText(/^Unchanged through event/).waitFor()
    await page.keyboard.press("j")
    await page.getByRole("heading", { name: /^Event \d/ }).waitFor()
    await expectUsableInBoth(page, "audit-event")
    await page.getByRole("combobox", { name: "What happened" }).fill("Holds")
    await page.getByRole("option", { name: "Holds: all events" }).click()
    await button(page, "Search").click()
    await page.waitForURL(/type=hold\./)
    await page.getByRole("option").filter({ hasText: "A hold was placed" }).first().click()
    await page.getByText("litigation").waitFor()
    await button(page, "Everything they did").click()
    await page.waitForURL(/by=person-/)
    await page.getByRole("option").first().waitFor()
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the events").click()])
    expect(download.suggestedFilename()).toBe("000000000001.ndjson")
    const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n")
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ seq: 1 })
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ type: "audit.exported", seq: lines.length })
  })
})
