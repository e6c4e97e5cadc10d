import { useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { callOnce } from "../api/call.ts"

/** Ends the session; what was read of it goes with it. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    await callOnce("POST", "/v1/sign-out", { body: {} }).catch(() => undefined)
    client.clear()
    await navigate({ to: "/sign-in" })
  }
}
