/**
 * Reads what shows a topic again. A list that somebody has scrolled far into is not: its pages would be fetched one after
 * the other under their eyes. It is marked as changed, and says so.
 * @module
 */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query"

/** Pages of a list that are read again by themselves. */
const PAGES = 5

/**
 * Reads again whatever shows the topic, or with `undefined` whatever shows anything.
 *
 * @param subjects - Ids of the cases and reports that changed: what shows another one is left as it is.
 */
export async function reread(
  client: QueryClient,
  topic: string | undefined,
  subjects?: ReadonlySet<string>,
): Promise<void> {
  const queryKey = topic === undefined ? [] : [topic]
  const isMeant = (query: Query) => !isRecorded(query) && (subjects === undefined || !isOfAnother(query, subjects))
  await Promise.all([
    client.invalidateQueries({ queryKey, predicate: (query) => isMeant(query) && !isDeep(query) }),
    client.invalidateQueries({ queryKey, predicate: isDeep, refetchType: "none" }),
  ])
}

/** Whether a list was scrolled so far that it is not read again by itself. */
export function isDeep({ state }: Pick<Query, "state">): boolean {
  const pages = (state.data as Partial<InfiniteData<unknown>> | undefined)?.pages
  return Array.isArray(pages) && pages.length > PAGES
}

/** Opening a context is recorded: it is read when somebody asks, never by itself. */
const isRecorded = ({ queryKey: [topic] }: Query): boolean => topic === "context"

/** Keys of one case or report name it second: `["cases", "case-…", "items"]`. */
function isOfAnother({ queryKey }: Query, subjects: ReadonlySet<string>): boolean {
  const [, id] = queryKey
  return typeof id === "string" && /^(case|report)-[0-9a-f]{8}-/.test(id) && !subjects.has(id)
}
