/**
 * SQL of viewings.
 * @module
 */
import type { Kysely, Selectable, Transaction } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { ViewingTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { ItemId } from "../cases/types.ts"
import type { ViewedFile, Viewing } from "./types.ts"

/**
 * Inserts a requested viewing.
 *
 * @throws {RequestError} `state_conflict` if its grant was used before.
 */
export async function addViewing(
  trx: Transaction<Tables>,
  viewing: Omit<Viewing, "shownAt" | "endedAt" | "attestedAt">,
): Promise<void> {
  const { viewingId, person, caseId, itemId, evidenceId, grantId, purpose, reason, requestedAt } = viewing
  await trx
    .insertInto("viewings")
    .values({
      viewing_id: viewingId,
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

/** Reads a person's viewing and locks it until the transaction ends; `undefined` if they have none with this id. */
export async function lockViewing(
  trx: Transaction<Tables>,
  person: string,
  viewingId: string,
): Promise<Viewing | undefined> {
  const row = await trx
    .selectFrom("viewings")
    .selectAll()
    .where("viewing_id", "=", viewingId)
    .where("person_id", "=", person)
    .forUpdate()
    .executeTakeFirst()
  return row && toViewing(row)
}

/** Viewings that were shown to a person and not ended, locked, oldest first. */
export async function lockOpenViewings(trx: Transaction<Tables>, person: string): Promise<readonly Viewing[]> {
  const rows = await trx
    .selectFrom("viewings")
    .selectAll()
    .where("person_id", "=", person)
    .where("ended_at", "is", null)
    .where("failed", "=", false)
    .where("shown_at", "is not", null)
    .orderBy("requested_at")
    .forUpdate()
    .execute()
  return rows.map(toViewing)
}

/** Number of a person's viewings of an item, including those requested and not yet shown, without failed ones. */
export async function countViewingsAt(db: Kysely<Tables>, person: string, itemId: string): Promise<number> {
  const { viewings } = await db
    .selectFrom("viewings")
    .select((is) => is.fn.countAll<string>().as("viewings"))
    .where("item_id", "=", itemId)
    .where("person_id", "=", person)
    .where("failed", "=", false)
    .executeTakeFirstOrThrow()
  return Number(viewings)
}

/** Sets the given columns of a row of `viewings` and leaves the others. An unknown id changes nothing. */
export async function setViewing(
  trx: Transaction<Tables>,
  viewingId: string,
  became: Partial<Pick<ViewingTables["viewings"], "shown_at" | "ended_at" | "failed" | "attested_at" | "exif_viewed">>,
): Promise<void> {
  await trx.updateTable("viewings").set(became).where("viewing_id", "=", viewingId).execute()
}

/** Attested viewings of a case, oldest first. */
export async function readViewed(db: Kysely<Tables>, caseId: string): Promise<readonly ViewedFile[]> {
  const rows = await db
    .selectFrom("viewings")
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

function toViewing(row: Selectable<ViewingTables["viewings"]>): Viewing {
  return {
    viewingId: row.viewing_id,
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
