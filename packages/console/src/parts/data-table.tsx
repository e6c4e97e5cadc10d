/**
 * Tables: columns that each say what a row has in them.
 * @module
 */
import type { ReactNode } from "react"

/** The head of a column. */
export interface Head {
  /** Left out above buttons that say what they do, and in a table without heads. */
  readonly name?: ReactNode
  /** Whether it holds numbers, which stand at its right edge. */
  readonly isNumber?: boolean
}

/** One column. */
export interface Column<Row> extends Head {
  readonly cell: (row: Row) => ReactNode
  /** Whether its cells name their rows. */
  readonly isRowHead?: boolean
  /** Of each cell. */
  readonly className?: string
}

interface TableProps {
  /** Beside `plain`. */
  readonly className?: string
  /** Names the table for readers, where no heading does. */
  readonly label?: string
  readonly caption?: ReactNode
}

/** What {@link HeadedTable} shows. */
export interface HeadedTableProps extends TableProps {
  readonly heads: readonly Head[]
  /** Its `<tr>`. */
  readonly children: ReactNode
}

/** A table whose rows keep a state of their own: each draws its own `<tr>`. */
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

/** What {@link DataTable} shows. */
export interface DataTableProps<Row> extends TableProps {
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** Tells rows apart. */
  readonly keyOf: (row: Row, place: number) => string | number
  readonly rowClass?: (row: Row) => string | undefined
  /** Whether it is the row that the page shows more of. */
  readonly isChosen?: (row: Row) => boolean
}

/** A table. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { columns, rows, keyOf, rowClass, isChosen, ...table } = props
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

// Columns never change order: their place is their key.
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
