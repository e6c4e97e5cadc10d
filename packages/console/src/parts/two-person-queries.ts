/**
 * Approvals by two people, as the server lists them, and those that the user just answered.
 * @module
 */
import type { ApprovalList, ApprovalView, ApprovedResult as ApprovedResultSchema } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { useSyncExternalStore } from "react"
import { call } from "../api/call.ts"
import { useCan } from "../api/me.ts"
import type { SchemaOutput } from "../api/schema-output.ts"

/** An approval, and the result of approving it. */
export type ApprovedResult = SchemaOutput<typeof ApprovedResultSchema>

/** `GET /v1/approvals` of one state: newest first, at most 200. */
export const approvalsQuery = (state: ApprovalView["state"]) =>
  queryOptions({
    queryKey: ["approvals", state],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof ApprovalList>>("GET", "/v1/approvals", { query: { state }, signal })).approvals,
  })

/**
 * Waiting approvals, and those that the user answered, which stay until dismissed: a result that is shown once must not
 * vanish when the list is read again. Those that the user may approve come first, by deadline.
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
  for (const notify of listeners) notify()
}

/** Keeps the result of an approval until it is dismissed, in memory only. */
export function keepAnswer(answer: ApprovedResult): void {
  setAnswers(new Map(answers).set(answer.approval.id, answer))
}

/** Dismisses the result of an approval. */
export function dismissResult(approvalId: string): void {
  setAnswers(new Map([...answers].filter(([id]) => id !== approvalId)))
}

/** The results of the user's answers, by approval id. */
export function useAnswered(): ReadonlyMap<string, ApprovedResult> {
  return useSyncExternalStore(
    (notify) => {
      listeners.add(notify)
      return () => listeners.delete(notify)
    },
    () => answers,
  )
}
