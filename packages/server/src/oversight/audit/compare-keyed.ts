import type { RowDifference } from "@nightlight/contract/server"
import { orUnreadable, type RowProblem } from "./row-problem.ts"

/** Input of {@link compareKeyed}. */
export interface Compared<Row, Said> {
  readonly table: string
  /** The log's view, by the key of a row. */
  readonly said: ReadonlyMap<string, Said>
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  /** The difference, by the codes of {@link RowProblem}. */
  readonly differenceOf: (row: Row, said: Said) => RowDifference | undefined
}

/**
 * Finds the first row that the log does not know or that differs, or else the first that the log knows and that is
 * missing.
 */
export function compareKeyed<Row, Said>(compared: Compared<Row, Said>): RowProblem | undefined {
  const { table, said, rows, idOf, differenceOf } = compared
  const seen = new Set<string>()
  for (const row of rows) {
    const id = idOf(row)
    seen.add(id)
    const known = said.get(id)
    const what = known === undefined ? "unknown" : orUnreadable(() => differenceOf(row, known))
    if (what !== undefined) return { table, id, what }
  }
  const missing = [...said.keys()].find((id) => !seen.has(id))
  return missing === undefined ? undefined : { table, id: missing, what: "missing" }
}
