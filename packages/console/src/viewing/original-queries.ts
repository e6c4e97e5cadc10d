/**
 * Requests for originals: read, asked, answered. The viewer's key of a request lives in this page alone: when the page
 * goes, so does the request.
 * @module
 */
import type { CustodyKeyPair, OriginalGrant } from "@nightlight/contract/custodian"
import type { OriginalRequestList, OriginalRequestView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../api/call.ts"
import type { Of } from "../api/of.ts"
import { type PersonKey, prove } from "../custody/person-key.ts"

/** One request. */
export type OriginalRequest = Of<typeof OriginalRequestView>

/** The caller's own requests, and those that wait for a second person. Live updates of cases read it again. */
export const originalsQuery = queryOptions({
  queryKey: ["cases", "original-requests"],
  queryFn: async ({ signal }) =>
    (await call<Of<typeof OriginalRequestList>>("GET", "/v1/original-requests", { signal })).requests,
  refetchInterval: 30_000,
})

/** What the caller asked for on this page. */
export interface PendingOriginal {
  readonly requestId: string
  readonly grant: OriginalGrant
  readonly viewer: CustodyKeyPair
}

const pending = new Map<string, PendingOriginal>()

/** The request of this page for an item, until its grant runs out. */
export function pendingOf(itemId: string): PendingOriginal | undefined {
  const found = pending.get(itemId)
  return found !== undefined && Date.parse(found.grant.expiresAt) > Date.now() ? found : undefined
}

/** Forgets it: it was used. */
export const forgetPending = (itemId: string): void => void pending.delete(itemId)

/** Keeps it while it waits. */
export const keepPending = (itemId: string, request: PendingOriginal): void => void pending.set(itemId, request)

/** Declines a request, or takes the caller's own back. */
export const declineOriginal = (requestId: string): Promise<OriginalRequest> =>
  call("POST", `/v1/original-requests/${requestId}/decline`, { body: {} })

/** Proves the grant of somebody else's request. */
export async function proveOriginal(
  { id, grant }: OriginalRequest,
  person: string,
  key: PersonKey,
): Promise<OriginalRequest> {
  const proof = await prove(grant, person, key)
  return call("POST", `/v1/original-requests/${id}/prove`, { body: { proof } })
}
