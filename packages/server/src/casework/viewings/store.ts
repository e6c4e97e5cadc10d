/**
 * SQL of looks.
 * @module
 */
import type { Kysely, Selectable, Transaction } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { LookTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { ItemId } from "../cases/types.ts"
import type { Look, ViewedFile } from "./types.ts"

/**
 * Writes a look that was asked for.
 *
 * @throws {RequestError} `state_conflict` if its grant was used before.
 */
export async function addLook(
  trx: Transaction<Tables>,
  look: Omit<Look, "shownAt" | "endedAt" | "attestedAt">,
): Promise<void> {
  const { lookId, person, caseId, itemId, evidenceId, grantId, purpose, reason, requestedAt } = look
  await trx
    .insertInto("looks")
    .values({
      look_id: lookId,
      person_id: person,
      case_id: caseId,
      item_id: itemId,
      evidence_id: evidenceId,
      grant_id: grantId,
      purpose,
      reason,
      requested_at: requestedAt,
      shown_at: null,
      ended_at: null,
      failed: false,
      attested_at: null,
      exif_viewed: null,
    })
    .execute()
}

/** A look of a person, locked. */
export async function lockLook(trx: Transaction<Tables>, person: string, lookId: string): Promise<Look | undefined> {
  const row = await trx
    .selectFrom("looks")
    .selectAll()
    .where("look_id", "=", lookId)
    .where("person_id", "=", person)
    .forUpdate()
    .executeTakeFirst()
  return row && toLook(row)
}

/** Looks of a person that were shown and not ended, locked, oldest first. */
export async function lockOpenLooks(trx: Transaction<Tables>, person: string): Promise<readonly Look[]> {
  const rows = await trx
    .selectFrom("looks")
    .selectAll()
    .where("person_id", "=", person)
    .where("ended_at", "is", null)
    .where("failed", "=", false)
    .where("shown_at", "is not", null)
    .orderBy("requested_at")
    .forUpdate()
    .execute()
  return rows.map(toLook)
}

/** How often a person was shown an item. */
export async function countLooksAt(db: Kysely<Tables>, person: string, itemId: string): Promise<number> {
  const { looks } = await db
    .selectFrom("looks")
    .select((is) => is.fn.countAll<string>().as("looks"))
    .where("item_id", "=", itemId)
    .where("person_id", "=", person)
    .where("failed", "=", false)
    .executeTakeFirstOrThrow()
  return Number(looks)
}

/** Notes what became of a look. */
export async function setLook(
  trx: Transaction<Tables>,
  lookId: string,
  became: Partial<Pick<LookTables["looks"], "shown_at" | "ended_at" | "failed" | "attested_at" | "exif_viewed">>,
): Promise<void> {
  await trx.updateTable("looks").set(became).where("look_id", "=", lookId).execute()
}

/** Attested looks of a case, oldest first. */
export async function readViewed(db: Kysely<Tables>, caseId: string): Promise<readonly ViewedFile[]> {
  const rows = await db
    .selectFrom("looks")
    .selectAll()
    .where("case_id", "=", caseId)
    .where("attested_at", "is not", null)
    .orderBy("attested_at")
    .execute()
  return rows.flatMap(({ item_id, evidence_id, person_id, exif_viewed, attested_at }) =>
    attested_at === null
      ? []
      : [
          {
            itemId: item_id as ItemId,
            evidenceId: evidence_id,
            person: person_id as PersonId,
            exifViewed: exif_viewed === true,
            at: attested_at,
          },
        ],
  )
}

function toLook(row: Selectable<LookTables["looks"]>): Look {
  return {
    lookId: row.look_id,
    person: row.person_id,
    caseId: row.case_id,
    itemId: row.item_id,
    evidenceId: row.evidence_id,
    grantId: row.grant_id,
    purpose: row.purpose,
    reason: row.reason,
    requestedAt: row.requested_at,
    shownAt: row.shown_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    attestedAt: row.attested_at ?? undefined,
  }
}
