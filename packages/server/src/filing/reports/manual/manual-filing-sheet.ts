/**
 * The sheet for manual filing when the service is down: what a person types into the CyberTipline's own form, in the
 * order of the report. It is part of the context compartment: shown to people who prepare reports, and never stored.
 * @module
 */
import { inert } from "@nightlight/core"
import type { ReportContent, ReportId } from "../types.ts"

/** Writes the sheet as Markdown. Other people's texts are written as code, so that nothing in them is markup. */
export function toManualFilingSheet(reportId: ReportId, { document, files }: ReportContent): string {
  return [
    `# Filing manually: ${reportId}`,
    "",
    "Use the CyberTipline's own form. Type what this sheet says, upload only copies that the custodian opened for it,",
    "and record the id that the form gives with `POST /v1/reports/…/manual-filing`: a second person confirms it.",
    "",
    ...section("Report", document),
    ...files.flatMap((file, position) =>
      section(`File ${position + 1} of ${files.length} (evidence ${file.evidenceId})`, file.details),
    ),
  ].join("\n")
}

function section(title: string, value: unknown): readonly string[] {
  return [`## ${title}`, "", ...lines(value, ""), ""]
}

function lines(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, position) => lines(item, `${path}[${position + 1}]`))
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, member]) => lines(member, path === "" ? name : `${path} / ${name}`))
  }
  return value === undefined
    ? []
    : [`- **${path}**: ${code(typeof value === "string" ? value : JSON.stringify(value))}`]
}

function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence} ${inert(text.replaceAll(/[\r\n]+/g, " ⏎ "))} ${fence}`
}
