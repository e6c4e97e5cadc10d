/**
 * SQL of referrals.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { Referral } from "./types.ts"

/** Inserts a row of `referrals`. `reference` is sealed under the case's context key. */
export async function insertReferral(trx: Transaction<Tables>, referral: Referral, reference: Buffer): Promise<void> {
  const { referralId, caseId, authority, madeBy, madeAt } = referral
  await trx
    .insertInto("referrals")
    .values({ referral_id: referralId, case_id: caseId, authority, reference, made_by: madeBy, made_at: madeAt })
    .execute()
}

/** Reads a case's referrals, oldest first. */
export async function readReferrals(db: Kysely<Tables>, caseId: string): Promise<readonly Referral[]> {
  const rows = await db.selectFrom("referrals").selectAll().where("case_id", "=", caseId).orderBy("made_at").execute()
  return rows.map((row) => ({
    referralId: row.referral_id,
    caseId: row.case_id,
    authority: row.authority,
    madeBy: row.made_by,
    madeAt: row.made_at,
  }))
}
