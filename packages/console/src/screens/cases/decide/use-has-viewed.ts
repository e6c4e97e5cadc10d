import { useQuery } from "@tanstack/react-query"
import { useMe } from "../../../api/me.ts"
import { historyQuery } from "../queries.ts"

/** Whether the history records that the user was shown an item of the case. The server checks this too. */
export function useHasViewed(caseId: string): boolean {
  const { id } = useMe()
  const { data = [] } = useQuery(historyQuery(caseId))
  return data.some(({ type, actor }) => type === "viewing.shown" && actor === id)
}
