/**
 * Requests for originals: reading, answering, and remembering the page's own. The viewer's private key of a request
 * exists only in this page's memory: a request is lost with the page.
 * @module
 */
import type { CustodyKeyPair, OriginalGrant } from "@nightlight/contract/custodian"
import type { OriginalRequestList, OriginalRequestView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../api/call.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { type PersonKey, prove } from "../custody/person-key.ts"

/** A request for an original. */
export type OriginalRequest = SchemaOutput<typeof OriginalRequestView>

/** The caller's own requests, and those that they can approve. Live updates of cases read it again. */
export const originalsQuery = queryOptions({
  queryKey: ["cases", "original-requests"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof OriginalRequestList>>("GET", "/v1/original-requests", { signal })).requests,
  refetchInterval: 30_000,
})

/** A request made on this page, with the viewer's key pair that opens the answer. */
export interface PendingOriginal {
  readonly requestId: string
  readonly grant: OriginalGrant
  readonly viewer: CustodyKeyPair
}

const pending = new Map<string, PendingOriginal>()

/** This page's request for an item, while its grant is valid. */
export function pendingOf(itemId: string): PendingOriginal | undefined {
  const found = pending.get(itemId)
  return found !== undefined && Date.parse(found.grant.expiresAt) > Date.now() ? found : undefined
}

/** Forgets a request that was used. */
export const forgetPending = (itemId: string): void => void pending.delete(itemId)

/** Remembers a request until it is used. */
export const keepPending = (itemId: string, request: PendingOriginal): void => void pending.set(itemId, request)

/** Declines a request, or withdraws the caller's own. */
export const declineOriginal = (requestId: string): Promise<OriginalRequest> =>
  call("POST", `/v1/original-requests/${requestId}/decline`, { body: {} })

/** Approves somebody else's request by signing its grant. */
export async function proveOriginal(
  { id, grant }: OriginalRequest,
  person: string,
  key: PersonKey,
): Promise<OriginalRequest> {
  const proof = await prove(grant, person, key)
  return call("POST", `/v1/original-requests/${id}/prove`, { body: { proof } })
}
