import { canonicalJson, type JsonValue } from "@nightlight/core"
import type { ReportContent, ReportFile } from "../types.ts"

/** Marks a person's changes as theirs, by the top-level members that differ. */
export function personOrigins(
  before: ReportContent,
  after: { readonly document: unknown; readonly files: readonly ReportFile[] },
): Record<string, "person"> {
  const changed: Record<string, "person"> = {}
  const compare = (path: string, was: unknown, is: unknown, depth: number): void => {
    if (isSame(was, is)) return
    if (depth > 0 && isRecord(was) && isRecord(is)) {
      for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
        compare(`${path}.${key}`, was[key], is[key], depth - 1)
      }
      return
    }
    changed[path] = "person"
  }
  compare("document", before.document, after.document, 2)
  for (const [position, file] of after.files.entries()) {
    const was = before.files.find(({ evidenceId }) => evidenceId === file.evidenceId)?.details ?? {}
    compare(`files[${position}]`, was, file.details, 1)
  }
  return changed
}

/** Whether two statements are the same, whatever the order of members. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b
  return canonicalJson(a as JsonValue) === canonicalJson(b as JsonValue)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
