import { callOnce } from "../api/call.ts"
import { CallError } from "../api/problem.ts"
import { beginAnew } from "../app/owner.ts"

/**
 * Ends the session; what was read and typed in it goes with it. Where the server does not answer, the page comes back as
 * whoever is signed in still: nobody is to believe that they are not.
 */
export function useSignOut(): () => Promise<void> {
  return async () => {
    const isOver = await callOnce("POST", "/v1/sign-out", { body: {} }).then(
      () => true,
      (error: unknown) => error instanceof CallError && error.code === "unauthenticated",
    )
    beginAnew(isOver ? "/sign-in" : undefined)
  }
}
