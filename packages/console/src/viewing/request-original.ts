import { call } from "../api/call.ts"
import { forgetPending, keepPending, type OriginalRequest, type PendingOriginal } from "./original-queries.ts"
import { makeGrant, requestProven, type SealedViewing, type ViewingRequest } from "./request-viewing.ts"

/**
 * Requests approval for viewing an original; signs the grant as the viewer. @throws {CallError} if the request fails.
 */
export async function requestApproval(asked: ViewingRequest): Promise<OriginalRequest> {
  const { caseId, item: caseItem } = asked
  const { grant, viewer, proof } = await makeGrant("original", asked)
  const request = await call<OriginalRequest>(
    "POST",
    `/v1/cases/${caseId}/items/${caseItem.itemId}/original-requests`,
    {
      body: { grant, proof },
    },
  )
  keepPending(caseItem.itemId, { requestId: request.id, grant, viewer })
  return request
}

/** Shows an original, once, after its request was approved. @throws {CallError} if the viewing is refused. */
export async function showOriginal(
  asked: Pick<ViewingRequest, "caseId" | "item">,
  { viewer }: PendingOriginal,
  proven: NonNullable<OriginalRequest["proven"]>,
): Promise<SealedViewing> {
  const viewing = await requestProven(asked, proven, viewer)
  forgetPending(asked.item.itemId)
  return viewing
}
