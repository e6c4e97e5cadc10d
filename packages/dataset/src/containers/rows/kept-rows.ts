import { createHash } from "node:crypto"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { KeptItem } from "../decision.ts"
import { countItems, type TableRow } from "./row-samples.ts"

/** Compares the rows of a table, read again before it is copied, with the decision on what was screened. */
export class KeptRows {
  readonly #kept: readonly (KeptItem | undefined)[]
  #position = 0

  /** @param kept - Of the shard's own items, in reading order. */
  constructor(kept: readonly (KeptItem | undefined)[]) {
    this.#kept = kept
  }

  /**
   * Takes the key-value metadata, which comes first.
   *
   * @param metadata - Absent where there is none.
   * @returns whether it stays.
   * @throws {DependencyError} `source_changed`
   */
  takeMetadata(metadata: Uint8Array | undefined): boolean {
    if (metadata === undefined) return true
    const [item] = this.#take(1) ?? []
    if (item !== undefined) verify(metadata, item)
    return item !== undefined
  }

  /**
   * Takes the next row.
   *
   * @returns its items if it stays.
   * @throws {DependencyError} `source_changed` if it is not what was screened.
   */
  take(row: TableRow): readonly KeptItem[] | undefined {
    const items = this.#take(countItems(row))
    if (items === undefined) return undefined
    for (const [index, { bytes }] of row.cells.entries()) verify(bytes, items[index])
    if (row.json !== undefined) verify(Buffer.from(row.json), items.at(-1))
    return items
  }

  /** Ends the comparison. @throws {DependencyError} `source_changed` if there were more items. */
  finish(): void {
    if (this.#position !== this.#kept.length) throw sourceChanged()
  }

  #take(count: number): readonly KeptItem[] | undefined {
    const items = this.#kept.slice(this.#position, this.#position + count)
    if (items.length < count) throw sourceChanged()
    this.#position += count
    return items.every((item) => item !== undefined) ? items : undefined
  }
}

function verify(bytes: Uint8Array, item: KeptItem | undefined): void {
  if (item?.sha256 === undefined) return
  if (createHash("sha256").update(bytes).digest("hex") !== item.sha256) throw sourceChanged()
}
