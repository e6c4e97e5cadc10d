/**
 * Reads the queries of a topic again. A list that the user has scrolled far into is only marked as changed, because
 * reading its pages again one after another would move the rows while they are read.
 * @module
 */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query"

/** Lists with more pages than this are not read again automatically. */
const PAGES = 5

/**
 * Reads the queries of a topic again; with `undefined`, those of every topic.
 *
 * @param subjects - Ids of the cases and reports that changed: queries about another one are skipped.
 */
export async function reread(
  client: QueryClient,
  topic: string | undefined,
  subjects?: ReadonlySet<string>,
): Promise<void> {
  const queryKey = topic === undefined ? [] : [topic]
  const isMeant = (query: Query) => !isRecorded(query) && (subjects === undefined || !isOfAnother(query, subjects))
  await Promise.all([
    client.invalidateQueries({ queryKey, predicate: (query) => isMeant(query) && !hasMorePages(query) }),
    client.invalidateQueries({ queryKey, predicate: hasMorePages, refetchType: "none" }),
  ])
}

/** Whether a list has more pages than are read again automatically. */
export function hasMorePages({ state }: Pick<Query, "state">): boolean {
  const pages = (state.data as Partial<InfiniteData<unknown>> | undefined)?.pages
  return Array.isArray(pages) && pages.length > PAGES
}

/** Opening a context is recorded, so it is read only when somebody asks. */
const isRecorded = ({ queryKey: [topic] }: Query): boolean => topic === "context"

/** Query keys of one case or report have its id second: `["cases", "case-…", "items"]`. */
function isOfAnother({ queryKey }: Query, subjects: ReadonlySet<string>): boolean {
  const [, id] = queryKey
  return typeof id === "string" && /^(case|report)-[0-9a-f]{8}-/.test(id) && !subjects.has(id)
}
