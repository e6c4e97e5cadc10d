/**
 * The origin that a record states of itself, found while its strings are read.
 * @module
 */
import type { StatedOrigin } from "../../readers/types.ts"
import type { JsonString } from "./json-strings.ts"

/** Keys under which a record states where its content comes from. */
const KEYS = new Set([..."url URL source_url page_url license licence LICENSE md5 sha1 sha256".split(" ")])
/** Members that hold such keys as well. */
const PARENTS = /^(?:meta|metadata)\./
const MAX_VALUE_BYTES = 8_192

/** Collects the origin of one record: the keys of its outermost object count before those of its `metadata`. */
export class OriginReader {
  readonly #outer: Record<string, string> = {}
  readonly #inner: Record<string, string> = {}

  /** Takes a string of the record. */
  add({ key, depth, bytes, hasEscapes, path }: JsonString): void {
    if (depth < 1 || depth > 2 || bytes.length > MAX_VALUE_BYTES || !KEYS.has(key)) return
    if (depth === 2 && !PARENTS.test(path())) return
    const text = bytes.toString("utf8")
    const value = hasEscapes ? (JSON.parse(`"${text}"`) as string) : text
    const fields = depth === 1 ? this.#outer : this.#inner
    fields[key] ??= value
  }

  /** What was collected: none or one. */
  result(): readonly StatedOrigin[] {
    const fields = { ...this.#inner, ...this.#outer }
    return Object.keys(fields).length === 0 ? [] : [fields]
  }
}
