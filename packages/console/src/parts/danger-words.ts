import type { CallView } from "@nightlight/contract/server"
import { danger as say } from "#messages/danger.ts"
import { timeOf } from "./format.ts"

/** What became of a call, in sentences; whom to telephone stands wherever no pager has taken it. */
export function callWords({ onCall, call: made }: CallView): readonly string[] {
  const { call: words, telephone } = say
  if (made?.state === "taken") return [words.taken(timeOf(made.takenAt ?? made.at))]
  const whom = telephone(onCall.contact)
  if (made === undefined) return [onCall.pager === "none" ? words.none : words.unknown, whom]
  return [made.state === "failing" ? words.failing(made.tries) : words[made.state], whom]
}
