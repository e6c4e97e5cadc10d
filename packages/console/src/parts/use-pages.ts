import {
  type DefaultError,
  type InfiniteData,
  type QueryKey,
  type UseInfiniteQueryOptions,
  useInfiniteQuery,
} from "@tanstack/react-query"
import { useCallback } from "react"
import type { Reading } from "./loaded.tsx"

/** The loaded part of a list. */
export interface Pages<Row> extends Reading<readonly Row[]> {
  /** Whether the list has changed since it was read, or may have. */
  readonly isStale: boolean
  /** Reads the next page, unless there is none or it is being read; suits `RowList`'s `onEnd`. */
  readonly more: () => void
}

/** Reads a list page by page. `rowsOf` returns the rows of a page. */
export function usePages<Page, Row, Key extends QueryKey, Cursor>(
  options: UseInfiniteQueryOptions<Page, DefaultError, InfiniteData<Page>, Key, Cursor>,
  rowsOf: (page: Page) => readonly Row[],
): Pages<Row> {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage, isStale } = useInfiniteQuery(options)
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return { data: data?.pages.flatMap(rowsOf), error, refetch, isStale, more }
}
