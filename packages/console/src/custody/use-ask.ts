/**
 * Asking for an approval by two people: the call, and the asker's signature under what it made.
 * @module
 */
import { type QueryClient, type UseMutationResult, useQueryClient } from "@tanstack/react-query"
import { common } from "#messages/common.ts"
import { useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { useAction } from "../parts/use-action.ts"
import { type RequestedApproval, signNewest } from "./sign-approval.ts"
import { personKeyQuery } from "./use-person-key.ts"

/**
 * As {@link useAction}, of a call that asks for an approval by two people.
 *
 * @param of - The approval that the call makes, by what was asked.
 */
export function useAsk<Input, Answer>(
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
      // Said before anything is asked: an approval that nobody signs waits in vain.
      if (key === null && me.custodyKeyAt !== undefined) throw new CallError("state_conflict", common.key.missing, 409)
      const answer = await run(input)
      if (key !== null) await signNewest(of(input, answer), { person: me.id, key })
      return answer
    },
    topics,
    onDone,
  )
}
