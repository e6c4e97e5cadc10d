import { type Clock, compact, RequestError } from "@nightlight/core"
import { type Admission, admitPolicy, formatProblem, type Policy } from "@nightlight/screening"
import type { PolicyText } from "./types.ts"

/** Problems that an answer lists. */
const LISTED = 20

/** Checks a policy's text: it loads, its rules clear nothing that a trusted list names, and its tests pass. */
export function admit({ text, testsText }: PolicyText, clock: Clock): Admission {
  return admitPolicy(text, compact({ fileName: "policy.yaml", clock, testsText }))
}

/**
 * As {@link admit}, for text that is to be stored.
 *
 * @throws {RequestError} `policy_invalid`, with the number of problems, the first one's place, and a line for each of
 *   the first 20: `policy.yaml:3:7: message`.
 */
export function admitOrThrow(policyText: PolicyText, clock: Clock): Policy {
  const { problems, policy } = admit(policyText, clock)
  const [first] = problems
  if (first === undefined && policy !== undefined) return policy
  throw new RequestError("policy_invalid", first?.message ?? "the policy does not load", {
    details: compact({
      problems: problems.length,
      line: first?.line,
      column: first?.column,
      list: problems.slice(0, LISTED).map(formatProblem).join("\n"),
    }),
    hint: "Nothing was stored. POST /v1/policies/check lists all problems.",
  })
}
