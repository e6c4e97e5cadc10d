import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { Loaded, type Reading } from "../parts/loaded.tsx"
import { RowList, type RowListProps } from "./row-list.tsx"

/** Vertical padding of a row, px. */
const ROW_PADDING = 12

interface LoadedRowsProps<Item> extends Omit<RowListProps<Item>, "items" | "onEnd"> {
  /** The rows; `more` reads the next page, if the list has pages. */
  readonly query: Reading<readonly Item[]> & { readonly more?: () => void }
  /** Shown in place of an empty list. */
  readonly empty: ReactNode
}

/** A list of rows, a skeleton until it is loaded; if reading it again fails, the error is above the rows. */
export function LoadedRows<Item>({ query, empty, ...list }: LoadedRowsProps<Item>): ReactNode {
  return (
    <Loaded query={query} rowHeight={list.rowHeight - ROW_PADDING} empty={empty} failure="above">
      {(items) => <RowList items={items} {...list} {...compact({ onEnd: query.more })} />}
    </Loaded>
  )
}
