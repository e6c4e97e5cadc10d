/**
 * Whether somebody was called about a case in which a child may be in danger now, in the same words on every page.
 * @module
 */
import type { CallView } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { danger as say } from "#messages/danger.ts"
import { call } from "../api/call.ts"
import { callWords } from "./danger-words.ts"

/** Interval for reading a call's state again until a pager has accepted it, ms. */
const ASK_MS = 5_000

/** Whether somebody can be called about a case, and the state of the call. */
export const callQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "call"],
    queryFn: ({ signal }) => call<CallView>("GET", `/v1/cases/${caseId}/call`, { signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.call?.state === "queued" || data?.call?.state === "failing" ? ASK_MS : false,
  })

/** The state of a case's call, in sentences. */
export function DangerCallState({ caseId }: { readonly caseId: string }): ReactNode {
  const { data, error } = useQuery(callQuery(caseId))
  const { call: words, telephone } = say
  const sentences =
    data !== undefined ? callWords(data) : error === null ? [words.loading] : [words.unknown, telephone(undefined)]
  return <span role="status">{sentences.join(" ")}</span>
}
