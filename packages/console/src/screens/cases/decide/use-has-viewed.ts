import { useQuery } from "@tanstack/react-query"
import { useMe } from "../../../api/me.ts"
import { historyQuery } from "../queries.ts"

/** Whether the person is known to have been shown an item of a case; the server refuses what is not true of them. */
export function useHasViewed(caseId: string): boolean {
  const { id } = useMe()
  const { data = [] } = useQuery(historyQuery(caseId))
  return data.some(({ type, actor }) => type === "viewing.shown" && actor === id)
}
