import { callOnce } from "../api/call.ts"
import { beginAnew } from "../app/owner.ts"

/** Ends the session; what was read and typed in it goes with it. */
export function useSignOut(): () => Promise<void> {
  return async () => {
    await callOnce("POST", "/v1/sign-out", { body: {} }).catch(() => undefined)
    beginAnew("/sign-in")
  }
}
