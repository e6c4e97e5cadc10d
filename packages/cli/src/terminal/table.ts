/**
 * Plain tables in at most 80 columns.
 * @module
 */

/** A column: its heading, and whether its cells are right-aligned numbers. */
export interface Column {
  readonly heading: string
  readonly numeric?: boolean
}

/** Lays rows out under their headings, two spaces between columns; cells are printed as they are. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        columns[column]?.numeric ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd()
  return [line(columns.map(({ heading }) => heading)), ...rows.map(line)].map((text) => `${text}\n`).join("")
}
