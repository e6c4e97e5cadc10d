/**
 * The origin that a record states of itself, found while its strings are read.
 * @module
 */
import { OriginCollector, type OriginDepth, originFieldOf, type StatedOrigin } from "../../readers/stated-origin.ts"
import { type JsonString, scanJson } from "./json-strings.ts"

/** Keys and columns that hold a record's own origin, as an object or as JSON in a text. */
export const PARENTS: ReadonlySet<string> = new Set(["json", "meta", "metadata"])
/** Shorter texts state no origin. */
const LEAST_BYTES = 4
/** A longer JSON text is not read for its fields. */
const MAX_JSON_BYTES = 2 ** 20

/** Collects the origin of one record: the keys of its outermost object count before those of its `metadata`. */
export class OriginReader {
  readonly #collector = new OriginCollector()

  /** Takes a string of the record. */
  add(found: JsonString): void {
    const { key, bytes, depth } = found
    // Each of its bytes may be an escape of six.
    if (depth === 1 && PARENTS.has(key) && bytes.length <= 6 * MAX_JSON_BYTES)
      addJsonText(this.#collector, Buffer.from(textOf(found)))
    if (originFieldOf(key) === undefined) return
    this.#collector.add(key, depthOf(found), bytes.length, () => textOf(found))
  }

  /** What was collected: none or one. */
  result(): readonly StatedOrigin[] {
    const origin = this.#collector.take()
    return Object.keys(origin).length === 0 ? [] : [origin]
  }
}

/** Adds what a record's metadata states, if a text is metadata as JSON. */
export function addJsonText(collector: OriginCollector, text: Buffer): void {
  if (text.length > MAX_JSON_BYTES || !text.subarray(0, 16).includes("{")) return
  scanJson(text, LEAST_BYTES, (found) => {
    collector.add(found.key, found.depth === 1 ? "metadata" : "inner", found.bytes.length, () => textOf(found))
  })
}

function textOf({ bytes, hasEscapes }: JsonString): string {
  const text = bytes.toString("utf8")
  return hasEscapes ? (JSON.parse(`"${text}"`) as string) : text
}

function depthOf({ depth, path }: JsonString): OriginDepth {
  if (depth <= 1) return "outer"
  return depth === 2 && PARENTS.has(path().split(".", 1)[0] ?? "") ? "metadata" : "inner"
}
