/**
 * SQL of acts.
 * @module
 */
import { canonicalJson, type JsonValue } from "@nightlight/core"
import type { Kysely, Selectable } from "kysely"
import type { PersonId } from "../auth/actor.ts"
import type { Tables } from "../db/tables.ts"
import type { ActTables } from "./tables.ts"
import type { Act, ActState, DeclineReason } from "./types.ts"

const LIST_LIMIT = 200

/** Adds an act that waits. */
export async function insertAct(db: Kysely<Tables>, act: Act): Promise<void> {
  await db
    .insertInto("acts")
    .values({
      id: act.id,
      kind: act.kind,
      subject: act.subject,
      payload: canonicalJson(act.payload),
      state: act.state,
      asked_by: act.askedBy,
      asked_at: act.askedAt,
      expires_at: act.expiresAt,
      decided_by: null,
      decided_at: null,
      decline_reason: null,
    })
    .execute()
}

/** Reads an act. `lock`: whoever else decides it waits until this transaction ends, and then sees what became of it. */
export async function findAct(db: Kysely<Tables>, id: string, lock = false): Promise<Act | undefined> {
  const select = db.selectFrom("acts").selectAll().where("id", "=", id)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row === undefined ? undefined : toAct(row)
}

/** Reads acts, newest first, at most 200. */
export async function listActs(db: Kysely<Tables>, state: ActState | undefined): Promise<readonly Act[]> {
  let select = db.selectFrom("acts").selectAll().orderBy("asked_at", "desc").orderBy("id").limit(LIST_LIMIT)
  if (state !== undefined) select = select.where("state", "=", state)
  return (await select.execute()).map(toAct)
}

/** Which acts ran out: those that end no later than one moment, or later than an act can that is asked for now. */
export interface RunOut {
  readonly endedBy: Date
  readonly endsAfter: Date
}

/** Locks and reads acts that ran out, oldest first; those that somebody is deciding right now are left. */
export async function lockRunOut(db: Kysely<Tables>, { endedBy, endsAfter }: RunOut): Promise<readonly Act[]> {
  const rows = await db
    .selectFrom("acts")
    .selectAll()
    .where("state", "=", "waiting")
    .where((eb) => eb.or([eb("expires_at", "<=", endedBy), eb("expires_at", ">", endsAfter)]))
    .orderBy("expires_at")
    .limit(LIST_LIMIT)
    .forUpdate()
    .skipLocked()
    .execute()
  return rows.map(toAct)
}

/** Writes what became of an act. */
export async function decideAct(
  db: Kysely<Tables>,
  id: string,
  decided: {
    readonly state: ActState
    readonly by: string
    readonly at: Date
    readonly reason: DeclineReason | undefined
  },
): Promise<void> {
  await db
    .updateTable("acts")
    .set({
      state: decided.state,
      decided_by: decided.by,
      decided_at: decided.at,
      decline_reason: decided.reason ?? null,
    })
    .where("id", "=", id)
    .execute()
}

function toAct(row: Selectable<ActTables["acts"]>): Act {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    payload: row.payload as JsonValue,
    state: row.state as ActState,
    askedBy: row.asked_by as PersonId,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    declineReason: (row.decline_reason ?? undefined) as DeclineReason | undefined,
  }
}
