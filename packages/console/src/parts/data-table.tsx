import type { ReactNode } from "react"

/** A column's heading. */
export interface Head {
  /** Absent above buttons that need no heading, and in tables without headings. */
  readonly name?: ReactNode
  /** Whether the column holds numbers, which are aligned right. */
  readonly isNumber?: boolean
}

/** A column: its heading, and the cell of each row. */
export interface Column<Row> extends Head {
  readonly cell: (row: Row) => ReactNode
  /** Whether its cells are the rows' headings. */
  readonly isRowHead?: boolean
  /** CSS class of each cell. */
  readonly className?: string
}

interface TableProps {
  /** CSS class besides `plain`. */
  readonly className?: string
  /** Accessible name, if no heading names the table. */
  readonly label?: string
  readonly caption?: ReactNode
}

interface HeadedTableProps extends TableProps {
  readonly heads: readonly Head[]
  /** The table's `<tr>` elements. */
  readonly children: ReactNode
}

/** A table whose rows are components that render their own `<tr>`. */
export function HeadedTable({ heads, className, label, caption, children }: HeadedTableProps): ReactNode {
  return (
    <div className="scroll-x">
      <table className={className === undefined ? "plain" : `plain ${className}`} aria-label={label}>
        {caption !== undefined && <caption>{caption}</caption>}
        {heads.some(({ name }) => name !== undefined) && (
          <thead>
            <tr>{heads.map(headCell)}</tr>
          </thead>
        )}
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

interface DataTableProps<Row> extends TableProps {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** Identifies a row. */
  readonly keyOf: (row: Row, place: number) => string | number
  readonly rowClass?: (row: Row) => string | undefined
  /** Whether the row is the selected one. */
  readonly isChosen?: (row: Row) => boolean
  /** Text in place of a table without rows. */
  readonly none?: string
}

/** A table of rows, rendered by its columns. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { columns, rows, keyOf, rowClass, isChosen, none, ...table } = props
  if (none !== undefined && rows.length === 0) return <p className="quiet">{none}</p>
  return (
    <HeadedTable heads={columns} {...table}>
      {rows.map((row, place) => (
        <tr key={keyOf(row, place)} className={rowClass?.(row)} data-chosen={isChosen?.(row)}>
          {columns.map((column, index) => bodyCell(column, row, index))}
        </tr>
      ))}
    </HeadedTable>
  )
}

// Columns never change order, so their index serves as key.
function headCell({ name, isNumber }: Head, index: number): ReactNode {
  if (name === undefined) return <td key={index} />
  return (
    <th key={index} scope="col" className={isNumber === true ? "number" : undefined}>
      {name}
    </th>
  )
}

function bodyCell<Row>({ cell, isRowHead, isNumber, className }: Column<Row>, row: Row, index: number): ReactNode {
  const classes = isNumber === true ? "number" : className
  return isRowHead === true ? (
    <th key={index} scope="row" className={classes}>
      {cell(row)}
    </th>
  ) : (
    <td key={index} className={classes}>
      {cell(row)}
    </td>
  )
}
