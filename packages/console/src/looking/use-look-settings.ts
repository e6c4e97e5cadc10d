import { useQuery } from "@tanstack/react-query"
import { call } from "../api/call.ts"
import { CallError } from "../api/problem.ts"
import { type LookSettings, MOST } from "./settings.ts"

/** A person's own look settings, and the organisation's that they never loosen. */
export interface LookSettingsRead {
  readonly own: LookSettings
  readonly floor: LookSettings
}

/** The caller's; nothing is shown before they are known. */
export function useLookSettings(): { readonly settings: LookSettingsRead | undefined; readonly isFailed: boolean } {
  const { data, isError } = useQuery({
    queryKey: ["preferences"],
    queryFn: ({ signal }) =>
      call<{ readonly look: LookSettings; readonly floor: LookSettings }>("GET", "/v1/me/preferences", {
        signal,
      }).catch((error: unknown) => {
        if (error instanceof CallError && error.code === "not_found") return { look: MOST, floor: MOST }
        throw error
      }),
  })
  return { settings: data && { own: data.look, floor: data.floor }, isFailed: isError && data === undefined }
}
