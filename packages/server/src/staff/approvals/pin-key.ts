/**
 * Keeps the public half of a key that signed an approval in the log, so that the signature can be checked long after
 * the custodian has forgotten the key.
 * @module
 */
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { EnrolledKey } from "./signature.ts"

/** Length of half an uncompressed P-256 point (65 bytes) in base64url: texts in an event are short. */
const HALF = 44

/** Records a key the first time that it signs. */
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
