import type { EventTransaction } from "../../platform/events/transact.ts"
import * as store from "./store.ts"

/**
 * Expires every waiting approval: after a restore, the log may say that it was declined since.
 * @param by - Who expires them, such as `system-host`.
 */
export async function voidWaitingApprovals({ trx, record }: EventTransaction, by: string, at: Date): Promise<void> {
  for (const { id, kind, subject, requestedBy } of await store.lockWaiting(trx)) {
    await store.decideApproval(trx, id, { state: "expired", by, at, reason: undefined })
    record({ type: "approval.expired", subject: id, data: { kind, about: subject, requestedBy, why: "restored" } })
  }
}
