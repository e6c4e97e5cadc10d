import type { HomeView } from "@nightlight/contract/server"
import { common } from "#messages/common.ts"
import { duration } from "../../parts/format.ts"
import { home as say } from "./words.ts"

/** The first sentence of the home page: what needs the user, the first deadline, and the status of the commitments. */
export function sentenceOf({ danger, setup, due, dueMore, waiting, commitments }: HomeView, nowMs: number): string {
  const { sentence: words } = say
  const first = due
    .flatMap(({ dueAt }) => (dueAt === undefined ? [] : [Date.parse(dueAt)]))
    .toSorted((a, b) => a - b)[0]
  const open = setup?.steps.filter(({ state }) => state === "open").length ?? 0
  const needs = [
    due.length === 0 ? words.nothing.replace(/\.$/, "") : `${words.needs(due.length)}${dueMore ? "+" : ""}`,
    ...(first === undefined
      ? []
      : [
          words.firstDue(first < nowMs ? common.overdue(duration(nowMs - first)) : common.due(duration(first - nowMs))),
        ]),
  ].join(", ")
  const all = [
    ...(danger.length > 0 ? [words.danger(danger.length)] : []),
    // Before set-up is complete, an empty worklist means nothing, so it is not mentioned.
    ...(open > 0 ? [words.setup(open, setup?.steps.length ?? 0)] : []),
    ...(due.length === 0 && (danger.length > 0 || open > 0) ? [] : [needs]),
    ...(waiting.cases === undefined || waiting.cases.waiting === 0
      ? []
      : [
          `${words.cases(waiting.cases.waiting)}${waiting.cases.overdue > 0 ? `, ${words.overdue(waiting.cases.overdue)}` : ""}`,
        ]),
    ...(waiting.approvals === undefined || waiting.approvals.waiting <= waiting.approvals.mayApprove
      ? []
      : [words.approvalsOfOthers(waiting.approvals.waiting - waiting.approvals.mayApprove)]),
    ...(commitments === undefined || open > 0
      ? []
      : [words.commitments(commitments.met + commitments.partly + commitments.notMet, commitments.met)]),
  ]
  const sentence = `${all.join("; ")}.`
  return `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`
}
