import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { Loaded, type Reading } from "../parts/loaded.tsx"
import { RowList, type RowListProps } from "./row-list.tsx"

/** The space above and below a row's text, px. */
const ROW_PADDING = 12

/** What {@link LoadedRows} shows. */
export interface LoadedRowsProps<Item> extends Omit<RowListProps<Item>, "items" | "onEnd"> {
  /** The rows; `more` reads further ones, where the list is read page by page. */
  readonly query: Reading<readonly Item[]> & { readonly more?: () => void }
  /** Stands in the place of an empty list. */
  readonly empty: ReactNode
}

/** A list of rows once it is there; a failure to read it again is said above it. */
export function LoadedRows<Item>({ query, empty, ...list }: LoadedRowsProps<Item>): ReactNode {
  return (
    <Loaded query={query} rowHeight={list.rowHeight - ROW_PADDING} empty={empty} failure="above">
      {(items) => <RowList items={items} {...list} {...compact({ onEnd: query.more })} />}
    </Loaded>
  )
}
