import type { BenchRow } from "./row.ts"

const HEAD = ["", "what", "measured", "ratio", "at least"] as const

/** Lays rows out as a table of plain text, notes below the row they belong to. */
export function table(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.ok ? "ok" : "MISS",
    row.what,
    row.measured,
    row.ratio === undefined ? "" : `${row.ratio.toPrecision(3)}x`,
    typeof row.atLeast === "number" ? `${row.atLeast}x` : row.atLeast,
  ])
  const widths = HEAD.map((head, index) => Math.max(head.length, ...cells.map((line) => line[index]?.length ?? 0)))
  const lay = (line: readonly string[]) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd()
  const lines = rows.flatMap((row, index) => [
    lay(cells[index] ?? []),
    ...(row.note === undefined ? [] : [`      ${row.note}`]),
  ])
  return [lay(HEAD), ...lines].join("\n")
}
