import { RequestError } from "@nightlight/core"
import { listMalformed } from "./malformed.ts"

/** The forms a list file comes in. */
export type ListFormat = "csv" | "tsv" | "json" | "ndjson" | "ncmec-xml"

/** What `nightlight hash` prints for people: a file's name, then indented lines. */
const HASH_REPORT = /^[^\n]*\r?\n {2}(?:type {4}|cannot be read\r?\n)/

/** Bytes that {@link detectFormat} is given, unless the file is shorter. */
export const HEAD_BYTES = 65_536

/**
 * Tells a list's form by its first bytes: `<` is XML, `[` JSON, `{` JSON or NDJSON, anything else CSV, or TSV where
 * the first line holds a tab.
 *
 * @throws {RequestError} `list_malformed` when there is nothing, something that is not text, or what `nightlight hash`
 *   prints without `--json`.
 */
export function detectFormat(head: Uint8Array): ListFormat {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("utf8")
  const start = text.search(/\S/)
  if (start < 0) throw listMalformed("the file is empty")
  if (HASH_REPORT.test(text)) {
    throw new RequestError("list_malformed", "this is what `nightlight hash` prints for people", {
      hint: "import what `nightlight hash --json` prints",
    })
  }
  const end = text.indexOf("\n", start)
  const line = text.slice(start, end < 0 ? text.length : end).trim()
  if (line.includes("\0")) throw listMalformed("the file is not text")
  if (line.startsWith("<")) return "ncmec-xml"
  if (line.startsWith("[")) return "json"
  if (line.startsWith("{")) return line.endsWith("}") && !hasEntries(line) ? "ndjson" : "json"
  return line.includes("\t") ? "tsv" : "csv"
}

/** Whether a whole line is an object that holds a list's entries. */
function hasEntries(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null && "entries" in value
  } catch {
    return false
  }
}
