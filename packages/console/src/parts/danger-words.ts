import type { CallView } from "@nightlight/contract/server"
import { danger as say } from "#messages/danger.ts"
import { timeOf } from "./format.ts"

/** The state of a call, in sentences. They name whom to telephone unless a pager has accepted the call. */
export function callWords({ onCall, call: made }: CallView): readonly string[] {
  const { call: words, telephone } = say
  if (made?.state === "accepted") return [words.accepted(timeOf(made.acceptedAt ?? made.at))]
  const whom = telephone(onCall.contact)
  if (made === undefined) return [onCall.pager === "none" ? words.none : words.unknown, whom]
  return [made.state === "failing" ? words.failing(made.tries) : words[made.state], whom]
}
