/**
 * What rows of a table in text carry and state.
 * @module
 */
import { OriginCollector, originFieldOf } from "../../readers/stated-origin.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { InnerFiles } from "../records/inner-files.ts"
import { addJsonText, PARENTS } from "../records/origin.ts"
import type { ReadJson } from "../records/read-json.ts"
import { readCells } from "./cells.ts"

const ADDRESS = /^\s*[a-z][a-z0-9+.-]*:\/\//i
const DIGEST = /^\s*(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\s*$/i
/** Longer cells are neither addresses nor digests. */
const HEAD_BYTES = 128

/** What a cell holds by its content, whatever its column is called: the name of a field for it. */
export function fieldByContent(cell: Buffer): "url" | "hash" | undefined {
  const head = cell.toString("latin1", 0, HEAD_BYTES)
  if (ADDRESS.test(head)) return "url"
  return cell.length <= HEAD_BYTES && DIGEST.test(head) ? "hash" : undefined
}

/** Makes the reader of a table's rows, which are given in order: the first row names the columns, unless it holds addresses or digests. */
export function createRowReader(separator: number): (bytes: Buffer, limits: ReaderLimits) => ReadJson {
  let names: readonly string[] | undefined
  return (bytes, limits) => {
    const inside = new InnerFiles(limits, bytes.length)
    const collector = new OriginCollector()
    const { rows, isOpen } = readCells(bytes, separator, true)
    if (names === undefined && rows[0] !== undefined) {
      const [first] = rows
      names = first.some((cell) => fieldByContent(cell) !== undefined) ? [] : first.map((cell) => cell.toString("utf8"))
    }
    const addRow = (cells: readonly Buffer[]) => {
      for (const [index, cell] of cells.entries()) {
        const name = names?.[index] ?? ""
        const field = originFieldOf(name) === undefined ? (fieldByContent(cell) ?? name) : name
        if (PARENTS.has(name)) addJsonText(collector, cell)
        collector.add(field, "outer", cell.length, () => cell.toString("utf8"))
      }
    }
    for (const [row, cells] of rows.entries()) {
      addRow(cells)
      for (const [index, cell] of cells.entries()) inside.add(cell, () => `${row}.${index}`)
    }
    // Programs differ in what a quote is: what is stated counts as either of them reads it.
    if (bytes.includes('"')) for (const cells of readCells(bytes, separator, false).rows) addRow(cells)
    const origin = collector.take()
    const refused = isOpen ? "archive_malformed" : inside.isTooMuch ? "archive_limit" : undefined
    return { inside: inside.files, origins: Object.keys(origin).length === 0 ? [] : [origin], refused }
  }
}
