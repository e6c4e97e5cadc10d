/**
 * Acts that take two people, as the server lists them, and those that this page's reader just answered.
 * @module
 */
import type { ApprovalList, ApprovalView, ApprovedResult as ApprovedResultSchema } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { useSyncExternalStore } from "react"
import { call } from "../api/call.ts"
import { useCan } from "../api/me.ts"
import type { Of } from "../api/of.ts"

/** An approval, and what approving it answered. */
export type ApprovedResult = Of<typeof ApprovedResultSchema>

/** `GET /v1/approvals` of one state: newest first, at most 200. */
export const approvalsQuery = (state: ApprovalView["state"]) =>
  queryOptions({
    queryKey: ["approvals", state],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof ApprovalList>>("GET", "/v1/approvals", { query: { state }, signal })).approvals,
  })

/**
 * Acts that wait and those that the reader just answered, which stay until they are put away: what is shown once must
 * not vanish because a list was read again. First those that the reader may second, by deadline.
 */
export function useWaitingApprovals(of: (approval: ApprovalView) => boolean = () => true): readonly ApprovalView[] {
  const isReader = useCan()("approval:read")
  const { data = [] } = useQuery({ ...approvalsQuery("waiting"), enabled: isReader })
  const answered = useAnswered()
  const kept = [...answered.values()].map(({ approval }) => approval)
  const waiting = data.filter(({ id }) => !answered.has(id))
  return [...kept, ...waiting.toSorted(byUrgency)].filter(of)
}

function byUrgency(a: ApprovalView, b: ApprovalView): number {
  return Number(b.mayApprove) - Number(a.mayApprove) || a.expiresAt.localeCompare(b.expiresAt)
}

let answers: ReadonlyMap<string, ApprovedResult> = new Map()
const listeners = new Set<() => void>()

function setAnswers(next: ReadonlyMap<string, ApprovedResult>): void {
  answers = next
  for (const tell of listeners) tell()
}

/** Keeps what an approval came to until it is put away; in memory alone. */
export function keepAnswer(answer: ApprovedResult): void {
  setAnswers(new Map(answers).set(answer.approval.id, answer))
}

/** Forgets what an approval came to. */
export function putAway(approvalId: string): void {
  setAnswers(new Map([...answers].filter(([id]) => id !== approvalId)))
}

/** What the reader's answers came to, by approval. */
export function useAnswered(): ReadonlyMap<string, ApprovedResult> {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => answers,
  )
}
