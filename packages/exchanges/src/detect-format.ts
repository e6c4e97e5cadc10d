import { RequestError } from "@nightlight/core"
import { LIST_FORMATS, type ListFormatName, listFormatNames } from "./formats.ts"
import { listMalformed } from "./malformed.ts"

/** The output of `nightlight hash` without `--json`: a file's name, then indented lines. */
const HASH_REPORT = /^[^\n]*\r?\n {2}(?:type {4}|cannot be read\r?\n)/

/** Bytes to read for {@link detectFormat}; fewer where the file is shorter. */
export const HEAD_BYTES = 65_536

/**
 * Detects a list's format from its first bytes.
 *
 * @throws {RequestError} `list_malformed` when the file is empty, is not text, or is the output of `nightlight hash`
 * without `--json`.
 */
export function detectFormat(head: Uint8Array): ListFormatName {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("utf8")
  const start = text.search(/\S/)
  if (start < 0) throw listMalformed("the file is empty")
  if (HASH_REPORT.test(text)) {
    throw new RequestError("list_malformed", "this is the output of `nightlight hash` without --json", {
      hint: "Import the output of `nightlight hash --json`.",
    })
  }
  const end = text.indexOf("\n", start)
  const line = text.slice(start, end < 0 ? text.length : end).trim()
  if (line.includes("\0")) throw listMalformed("the file is not text")
  const name = listFormatNames.find((candidate) => LIST_FORMATS[candidate].detect({ line, text }))
  if (name === undefined) throw listMalformed("the file has no known format")
  return name
}
