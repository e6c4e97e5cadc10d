/**
 * The form of a report for preparers: the CyberTipline's schema, without what preparers do not fill in.
 * @module
 */
import type { ReportForm } from "@nightlight/contract/server"
import { documentForms, type FormType } from "@nightlight/cybertipline"
import type { z } from "zod"

/** Ids that the CyberTipline gives while a report is filed. */
const GIVEN: readonly string[] = ["reportId", "fileId"]

/** Gives the form of a report, from the schema version that checks drafts. */
export function toReportForm(): z.input<typeof ReportForm> {
  const { schemaVersion, report, fileDetails, types } = documentForms()
  return {
    schemaVersion,
    report,
    fileDetails,
    types: Object.fromEntries(
      Object.entries(types).map(([name, type]) => [name, toView(name === fileDetails ? withoutGiven(type) : type)]),
    ),
  }
}

function withoutGiven(type: FormType): FormType {
  if (type.kind !== "record") return type
  return { ...type, members: type.members.filter(({ name }) => !GIVEN.includes(name)) }
}

function toView(type: FormType): z.input<typeof ReportForm>["types"][string] {
  // The members are the same; only the contract's array types are not read-only.
  return structuredClone(type) as z.input<typeof ReportForm>["types"][string]
}
