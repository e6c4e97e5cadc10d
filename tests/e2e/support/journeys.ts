/**
 * Each role's first steps in the console, on an installation in which a case was decided and its report filed. The
 * person is signed in already.
 */
import type { Page } from "playwright-core"

/** Ids from the installation's past. */
export interface Happened {
  readonly caseId: string
  readonly reportId: string
  /** The report number that the CyberTipline gave. */
  readonly remoteReportId: string
}

/** Opens the role's page and waits for its content. */
export type Journey = (page: Page, happened: Happened) => Promise<void>

export const JOURNEYS = {
  administrator: async (page) => {
    await page.goto("/administration")
    await page.getByText(/work here; .* reviewers? (is|are) trained/).waitFor()
  },
  reviewer: async (page, { caseId }) => {
    await page.goto(`/cases/${caseId}`)
    await page.getByRole("article").getByTitle(caseId).first().waitFor()
    await page.locator("dl.facts").first().locator("dt").first().waitFor()
  },
  reporter: async (page, { reportId, remoteReportId }) => {
    await page.goto(`/reports/${reportId}`)
    await page.getByRole("heading", { name: "The CyberTipline has this report" }).waitFor()
    await page.getByText(remoteReportId, { exact: true }).first().waitFor()
  },
  counsel: async (page, { caseId }) => {
    await page.goto(`/evidence/preserved/${caseId}`)
    await page
      .getByText(/^Locked until/)
      .first()
      .waitFor()
  },
  auditor: async (page) => {
    await page.goto("/audit")
    await page.getByRole("option").first().waitFor()
    await page.keyboard.press("v")
    await page.getByText("The log is valid.").waitFor()
  },
} as const satisfies Readonly<Record<string, Journey>>
