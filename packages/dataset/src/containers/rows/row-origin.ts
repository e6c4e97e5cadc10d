import type { StatedOrigin } from "../../readers/types.ts"

/** Columns in which a row states where its content comes from. */
const KEYS = new Set("url URL source_url page_url license licence LICENSE md5 sha1 sha256 hash".split(" "))
/** Columns that hold such fields, as a struct or as JSON. */
export const PARENTS: ReadonlySet<string> = new Set(["json", "meta", "metadata"])
const MAX_VALUE_BYTES = 8_192
/** A longer JSON text is not read for its fields. */
const MAX_JSON_BYTES = 2 ** 20

/** Collects the origin of one row: its own columns count before fields of its metadata. */
export class RowOrigin {
  #outer: Record<string, string> = {}
  #inner: Record<string, string> = {}

  /**
   * Takes a text of the row.
   *
   * @param path - Names of its column and of the structs around it, the outermost first.
   */
  add(path: readonly string[], name: string, text: Buffer): void {
    const isOuter = path.length === 1
    if (isOuter && PARENTS.has(name)) this.#addJson(text)
    if (!KEYS.has(name) || text.length > MAX_VALUE_BYTES) return
    if (isOuter) this.#outer[name] ??= text.toString("utf8")
    else if (path.length === 2 && PARENTS.has(path[0] ?? "")) this.#inner[name] ??= text.toString("utf8")
  }

  /** What was collected, and forgets it. */
  take(): StatedOrigin {
    const origin = { ...this.#inner, ...this.#outer }
    this.#outer = {}
    this.#inner = {}
    return origin
  }

  #addJson(text: Buffer): void {
    if (text.length > MAX_JSON_BYTES || !text.subarray(0, 16).includes("{")) return
    let value: unknown
    try {
      value = JSON.parse(text.toString("utf8"))
    } catch {
      return
    }
    if (typeof value !== "object" || value === null) return
    for (const [key, field] of Object.entries(value)) {
      if (KEYS.has(key) && typeof field === "string") this.#inner[key] ??= field
    }
  }
}
