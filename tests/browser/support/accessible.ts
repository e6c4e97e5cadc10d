/** Accessibility checks: axe-core's rules for WCAG 2.2, levels A and AA. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { AxeResults, Result } from "axe-core"
import type { Page } from "playwright-core"

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/**
 * Fails with every violation, its rule and its place.
 *
 * @param within - A CSS selector; by default the whole page.
 */
export async function expectAccessible(page: Page, within?: string): Promise<void> {
  // Injected through the debugger, which no content security policy restricts.
  if (!(await page.evaluate("typeof window.axe === 'object'"))) await page.evaluate(AXE)
  const options = JSON.stringify({ runOnly: { type: "tag", values: TAGS }, resultTypes: ["violations"] })
  const place = within === undefined ? "document" : JSON.stringify(within)
  const { violations } = (await page.evaluate(`axe.run(${place}, ${options})`)) as AxeResults
  if (violations.length > 0) throw new Error(`${new URL(page.url()).pathname}\n${violations.map(toWords).join("\n")}`)
}

function toWords({ id, help, nodes }: Result): string {
  const places = nodes.map(
    ({ target, failureSummary = "" }) =>
      `    ${target.join(" ")}\n      ${failureSummary.replaceAll("\n", "\n      ")}`,
  )
  return [`  ${id}: ${help}`, ...places].join("\n")
}
