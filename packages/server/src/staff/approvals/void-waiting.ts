import type { EventTransaction } from "../../platform/events/transact.ts"
import * as store from "./store.ts"

/**
 * Lets every act run out that waits for its second person: by a restored database it may have been declined since.
 *
 * @param by - Whose doing it is, such as `system-host`.
 */
export async function voidWaitingActs({ trx, record }: EventTransaction, by: string, at: Date): Promise<void> {
  for (const { id, kind, subject, askedBy } of await store.lockWaiting(trx)) {
    await store.decideAct(trx, id, { state: "expired", by, at, reason: undefined })
    record({ type: "act.expired", subject: id, data: { kind, about: subject, askedBy, why: "restored" } })
  }
}
