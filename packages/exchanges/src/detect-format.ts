import { RequestError } from "@nightlight/core"
import { LIST_FORMATS, type ListFormatName, listFormatNames } from "./formats.ts"
import { listMalformed } from "./malformed.ts"

/** What `nightlight hash` prints for people: a file's name, then indented lines. */
const HASH_REPORT = /^[^\n]*\r?\n {2}(?:type {4}|cannot be read\r?\n)/

/** Bytes that {@link detectFormat} is given, unless the file is shorter. */
export const HEAD_BYTES = 65_536

/**
 * Tells a list's format by its first bytes.
 *
 * @throws {RequestError} `list_malformed` when there is nothing, something that is not text, or what `nightlight hash`
 *   prints without `--json`.
 */
export function detectFormat(head: Uint8Array): ListFormatName {
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
  const name = listFormatNames.find((candidate) => LIST_FORMATS[candidate].detect({ line, text }))
  if (name === undefined) throw listMalformed("the file is of no known format")
  return name
}
