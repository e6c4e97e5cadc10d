import { call } from "../api/call.ts"
import { forgetPending, keepPending, type OriginalRequest, type PendingOriginal } from "./original-queries.ts"
import { type Asked, makeGrant, requestProven, type SealedViewing } from "./request-viewing.ts"

/** Requests a second person; the viewer has signed already. @throws {CallError} */
export async function requestApproval(asked: Asked): Promise<OriginalRequest> {
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

/** Shows what two people have proven, once. @throws {CallError} */
export async function showOriginal(
  asked: Pick<Asked, "caseId" | "item">,
  { viewer }: PendingOriginal,
  proven: NonNullable<OriginalRequest["proven"]>,
): Promise<SealedViewing> {
  const viewing = await requestProven(asked, proven, viewer)
  forgetPending(asked.item.itemId)
  return viewing
}
