/**
 * Reads what shows a topic again. A list that somebody has scrolled far into is not: its pages would be fetched one after
 * the other under their eyes. It is marked as changed, and says so.
 * @module
 */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query"

/** Pages of a list that are read again by themselves. */
const PAGES = 5

/** Reads again whatever shows the topic, or with `undefined` whatever shows anything. */
export async function reread(client: QueryClient, topic: string | undefined): Promise<void> {
  const queryKey = topic === undefined ? [] : [topic]
  await Promise.all([
    client.invalidateQueries({ queryKey, predicate: (query) => !isDeep(query) }),
    client.invalidateQueries({ queryKey, predicate: isDeep, refetchType: "none" }),
  ])
}

/** Whether a list was scrolled so far that it is not read again by itself. */
export function isDeep({ state }: Pick<Query, "state">): boolean {
  const pages = (state.data as Partial<InfiniteData<unknown>> | undefined)?.pages
  return Array.isArray(pages) && pages.length > PAGES
}
