import type { Change } from "../../platform/events/change.ts"
import * as store from "./store.ts"

/** Takes back every request for an original that waits for its second person, as `voidWaitingActs` does with acts. */
export async function voidWaitingOriginals({ trx, record }: Change, by: string, at: Date): Promise<void> {
  for (const { id, caseId, findId, grant, askedBy } of await store.lockWaiting(trx)) {
    await store.decideRequest(trx, id, { state: "withdrawn", by, at })
    const data = { request: id, find: findId, grant: grant.grantId, askedBy, why: "restored" }
    record({ type: "original.withdrawn", subject: caseId, data })
  }
}
