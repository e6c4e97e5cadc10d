/**
 * Each role's first steps in the console, on an installation in which a case was decided and its report filed. The
 * person is signed in already.
 */
import type { RoleName } from "@nightlight/contract/server"
import type { Page } from "playwright-core"
import type { z } from "zod"

/** Ids from the installation's past. */
export interface Happened {
  readonly caseId: string
  readonly reportId: string
  /** The report number that the CyberTipline gave. */
  readonly remoteReportId: string
}

/** Opens the role's page and does a first piece of its work. */
export type Journey = (page: Page, happened: Happened) => Promise<void>

export const JOURNEYS = {
  administrator: async (page) => {
    await page.goto("/administration")
    await page.getByText(/work here; .* reviewers? (is|are) trained/).waitFor()
    await page.keyboard.press("n")
    await page.keyboard.type("Someone New")
    await page.keyboard.press("Tab")
    await page.keyboard.type("someone.new@example.org")
    await page.keyboard.press("Enter")
    await page.getByText("Shown once").waitFor()
  },
  reviewer: async (page, { caseId }) => {
    await page.goto(`/cases/${caseId}`)
    await page.getByRole("article").getByTitle(caseId).first().waitFor()
    await page.locator("dl.facts").first().locator("dt").first().waitFor()
    await page.getByText(/Decided: Apparent abuse material/).waitFor()
    await page.getByText(/viewings left today/).waitFor()
  },
  "senior-reviewer": async (page, { caseId, reportId }) => {
    await page.goto(`/cases/${caseId}`)
    await page.getByText(/Filed: CyberTipline report/).waitFor()
    await page.goto(`/reports/${reportId}`)
    await page.getByRole("heading", { name: "The CyberTipline has this report" }).waitFor()
  },
  reporter: async (page, { reportId, remoteReportId }) => {
    await page.goto(`/reports/${reportId}`)
    await page.getByRole("heading", { name: "The CyberTipline has this report" }).waitFor()
    await page.getByText(remoteReportId, { exact: true }).first().waitFor()
    // The key works once the report's content is loaded, as the button shows.
    await page.getByRole("button", { name: "See what is sent" }).waitFor()
    await page.keyboard.press("p")
    await page.getByText(`<reportId>${remoteReportId}</reportId>`).first().waitFor()
  },
  custodian: async (page, { caseId }) => {
    await page.goto("/evidence")
    await page.getByRole("option").filter({ hasText: "Locked until" }).first().click()
    await page.getByText("Sealed evidence was received").first().waitFor()
    await page.getByTitle(caseId).first().waitFor()
  },
  "policy-editor": async (page) => {
    await page.goto("/policies")
    await page.getByRole("heading", { level: 1, name: "default, version 1" }).waitFor()
    await page.keyboard.press("n")
    await page.getByText("It loads, and can be saved.").waitFor()
    const text = page.getByRole("textbox", { name: "Policy (YAML)" })
    await text.fill((await text.inputValue()).replace("size(matches) > 0", "siz(matches) > 0"))
    await page.getByRole("status").filter({ hasText: "1 problem keeps it from being saved." }).waitFor()
  },
  counsel: async (page, { caseId }) => {
    await page.goto(`/evidence/preserved/${caseId}`)
    await page
      .getByText(/^Locked until/)
      .first()
      .waitFor()
    await page.getByRole("button", { name: "Place a hold", exact: true }).click()
    await page.getByRole("textbox", { name: /Who requested it/ }).fill("Letter one of the Example Court")
    await page.getByRole("button", { name: "Place the hold", exact: true }).click()
    await page.getByRole("cell", { name: /A hold was placed/ }).waitFor()
  },
  auditor: async (page) => {
    await page.goto("/audit")
    await page.getByRole("option").first().waitFor()
    await page.keyboard.press("v")
    await page.getByText("The log is valid.").waitFor()
  },
} as const satisfies Readonly<Record<z.infer<typeof RoleName>, Journey>>
