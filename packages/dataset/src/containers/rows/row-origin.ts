import { OriginCollector, type StatedOrigin } from "../../readers/stated-origin.ts"
import { addJsonText, PARENTS } from "../records/origin.ts"

/** Collects the origin of one row: its own columns count before fields of its metadata. */
export class RowOrigin {
  readonly #collector = new OriginCollector()

  /**
   * Takes a text of the row.
   *
   * @param path - Names of its column and of the structs and lists around it, the outermost first: `images`, `[0]`, `.url`.
   */
  add(path: readonly string[], text: Buffer): void {
    const [column = ""] = path
    if (path.length === 1 && PARENTS.has(column)) addJsonText(this.#collector, text)
    const name = path.findLast((segment) => !segment.startsWith("[")) ?? ""
    const depth = path.length === 1 ? "outer" : path.length === 2 && PARENTS.has(column) ? "metadata" : "inner"
    this.#collector.add(name, depth, text.length, () => text.toString("utf8"))
  }

  /** What was collected, and forgets it. */
  take(): StatedOrigin {
    return this.#collector.take()
  }
}
