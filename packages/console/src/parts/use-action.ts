import { type QueryClient, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query"
import { CallError } from "../api/problem.ts"
import { reread } from "../app/reread.ts"

/**
 * A call that changes something, as a mutation. On success, and when somebody else was faster, the topics are read
 * again; on failure the form keeps what was typed.
 *
 * @param topics - First members of the query keys that it changes, such as `cases`.
 */
export function useAction<Input, Answer>(
  run: (input: Input) => Promise<Answer>,
  topics: readonly string[],
  onDone?: (answer: Answer, input: Input, client: QueryClient) => void,
): UseMutationResult<Answer, Error, Input> {
  const client = useQueryClient()
  const rereadAll = () => Promise.all([...topics, "home"].map((topic) => reread(client, topic)))
  return useMutation({
    mutationFn: run,
    onSuccess: async (answer, input) => {
      onDone?.(answer, input, client)
      await rereadAll()
    },
    onError: async (error) => {
      if (error instanceof CallError && (error.code === "state_conflict" || error.code === "not_found"))
        await rereadAll()
    },
  })
}
