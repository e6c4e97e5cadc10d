/**
 * Requests in a restored database, and closing one again.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import * as store from "./store.ts"

/** Whether there is a request of this id, open or closed. */
export async function requestExists(db: Kysely<Tables>, requestId: string): Promise<boolean> {
  return (await store.readRequest(db, requestId)) !== undefined
}

/** Closes a request again; does nothing if it is closed or unknown. */
export async function closeRequestAgain(
  { trx, record }: EventTransaction,
  requestId: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<void> {
  if (!(await requestExists(trx, requestId))) return
  if (await store.closeRequest(trx, requestId, { by, at })) record({ type: "request.closed", subject: requestId })
}
