/**
 * A list that is read page by page as somebody scrolls.
 * @module
 */
import {
  type DefaultError,
  type InfiniteData,
  type QueryKey,
  type UseInfiniteQueryOptions,
  useInfiniteQuery,
} from "@tanstack/react-query"
import { useCallback } from "react"
import type { Reading } from "./loaded.tsx"

/** What has been read of a list. */
export interface Pages<Row> extends Reading<readonly Row[]> {
  /** Whether the list has changed since, or may have. */
  readonly isStale: boolean
  /** Reads the next page, if there is one and it is not being read: for `RowList`'s `onEnd`. */
  readonly more: () => void
}

/** Reads a list; `rowsOf` takes the rows out of a page. */
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
