import { callOnce } from "../api/call.ts"
import { CallError } from "../api/problem.ts"
import { reloadPage } from "../app/owner.ts"

/**
 * Ends the session and discards everything that was read and typed in it. If the server does not answer, the page
 * reloads with the session still open, so that nobody believes they are signed out.
 */
export function useSignOut(): () => Promise<void> {
  return async () => {
    const isOver = await callOnce("POST", "/v1/sign-out", { body: {} }).then(
      () => true,
      (error: unknown) => error instanceof CallError && error.code === "unauthenticated",
    )
    reloadPage(isOver ? "/sign-in" : undefined)
  }
}
