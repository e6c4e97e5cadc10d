/**
 * Asking for an act of two people: the call, and the asker's signature under what it made.
 * @module
 */
import { type QueryClient, type UseMutationResult, useQueryClient } from "@tanstack/react-query"
import { common } from "#messages/common.ts"
import { useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { useAct } from "../parts/use-act.ts"
import { type AskedAct, signNewest } from "./sign-act.ts"
import { personKeyQuery } from "./use-person-key.ts"

/**
 * As {@link useAct}, of a call that asks for an act of two people.
 *
 * @param of - The act that the call makes, by what was asked.
 */
export function useAsk<Input, Answer>(
  run: (input: Input) => Promise<Answer>,
  of: (input: Input, answer: Answer) => AskedAct,
  topics: readonly string[],
  onDone?: (answer: Answer, input: Input, client: QueryClient) => void,
): UseMutationResult<Answer, Error, Input> {
  const me = useMe()
  const client = useQueryClient()
  return useAct(
    async (input: Input) => {
      const key = await client.ensureQueryData(personKeyQuery(me.id))
      // Said before anything is asked: an act that nobody signs waits in vain.
      if (key === null && me.custodyKeyAt !== undefined) throw new CallError("state_conflict", common.key.missing, 409)
      const answer = await run(input)
      if (key !== null) await signNewest(of(input, answer), { person: me.id, key })
      return answer
    },
    topics,
    onDone,
  )
}
