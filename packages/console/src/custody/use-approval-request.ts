import { type QueryClient, type UseMutationResult, useQueryClient } from "@tanstack/react-query"
import { common } from "#messages/common.ts"
import { useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { useAction } from "../parts/use-action.ts"
import { type RequestedApproval, signNewest } from "./sign-approval.ts"
import { personKeyQuery } from "./use-person-key.ts"

/**
 * Like {@link useAction}, for a call that requests an approval; afterwards signs the request with the caller's key.
 *
 * @param of - Describes the approval that the call creates.
 */
export function useApprovalRequest<Input, Answer>(
  run: (input: Input) => Promise<Answer>,
  of: (input: Input, answer: Answer) => RequestedApproval,
  topics: readonly string[],
  onDone?: (answer: Answer, input: Input, client: QueryClient) => void,
): UseMutationResult<Answer, Error, Input> {
  const me = useMe()
  const client = useQueryClient()
  return useAction(
    async (input: Input) => {
      const key = await client.ensureQueryData(personKeyQuery(me.id))
      // Checked first, because nobody could approve a request without its signature.
      if (key === null && me.custodyKeyAt !== undefined) throw new CallError("state_conflict", common.key.missing, 409)
      const answer = await run(input)
      if (key !== null) await signNewest(of(input, answer), { person: me.id, key })
      return answer
    },
    topics,
    onDone,
  )
}
