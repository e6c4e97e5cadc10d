/**
 * Keeps the public half of a key that somebody signed with: in the log, so that a signature can be checked when the
 * custodian has long forgotten the key.
 * @module
 */
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { EnrolledKey } from "./signature.ts"

/** Halves of an uncompressed P-256 point, 65 bytes, in base64url: an event's texts are short. */
const HALF = 44

/** Pins a key, once. */
export async function pinKey(
  { trx, record }: EventTransaction,
  person: string,
  { keyId, publicKey }: EnrolledKey,
  at: Date,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("approval_keys")
    .values({ person_id: person, key_id: keyId, public_key: publicKey, pinned_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows !== 1n) return
  const halves = { first: publicKey.slice(0, HALF), last: publicKey.slice(HALF) }
  record({ type: "approval-key.pinned", subject: person, data: { keyId, ...halves } })
}
