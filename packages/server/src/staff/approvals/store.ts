/**
 * SQL of acts.
 * @module
 */
import { canonicalJson, compact, type JsonValue } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import { authorityOf } from "../../platform/authority/of-database.ts"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import type { StoredProof } from "./signing.ts"
import type { Act, ActGrant, ActState, DeclineReason } from "./types.ts"

const LIST_LIMIT = 200

/** Adds an act that waits. */
export async function insertAct(db: Kysely<Tables>, act: Act): Promise<void> {
  await insertSealed(db, "acts", {
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
    grant_json: act.grant === undefined ? null : canonicalJson(act.grant),
    ask_proof: null,
    second_proof: null,
  })
}

/** Keeps a signature. */
export async function signAct(
  db: Kysely<Tables>,
  id: string,
  proofs: { readonly ask?: StoredProof; readonly second?: StoredProof },
): Promise<void> {
  const { ask, second } = proofs
  await updateSealed(
    db,
    "acts",
    (all) => all.where("id", "=", id),
    compact({
      ask_proof: ask === undefined ? undefined : canonicalJson(ask),
      second_proof: second === undefined ? undefined : canonicalJson(second),
    }),
  )
}

/**
 * Reads an act. `lock`: whoever else decides it waits until this transaction ends, and then sees what became of it.
 *
 * @throws {IntegrityError} `row_untrusted` if it is not what was written, or is said to wait and the log says that it was
 *   decided.
 */
export async function findAct(db: Kysely<Tables>, id: string, lock = false): Promise<Act | undefined> {
  const row = await readOneSealed(db, "acts", (all) => {
    const one = all.where("id", "=", id)
    return lock ? one.forUpdate() : one
  })
  if (row === undefined) return undefined
  if (lock && row.state === "waiting" && (await readPowerEvents(db, id)).length > 0) {
    throw authorityOf(db).distrust({ table: "acts", id })
  }
  return toAct(row)
}

/** Reads acts, newest first, at most 200. */
export async function listActs(db: Kysely<Tables>, state: ActState | undefined): Promise<readonly Act[]> {
  const rows = await readSealedGood(db, "acts", (all) => {
    const newest = all.orderBy("asked_at", "desc").orderBy("id").limit(LIST_LIMIT)
    return state === undefined ? newest : newest.where("state", "=", state)
  })
  return rows.map(toAct)
}

/** Reads every act that was done, in the order of its id. */
export async function listDecided(db: Kysely<Tables>): Promise<readonly Act[]> {
  return (await db.selectFrom("acts").selectAll().where("state", "=", "done").orderBy("id").execute()).map(toAct)
}

/** Which acts ran out: those that end no later than one moment, or later than an act can that is asked for now. */
export interface RunOut {
  readonly endedBy: Date
  readonly endsAfter: Date
}

/** Locks and reads acts that ran out, oldest first; those that somebody is deciding right now are left. */
export async function lockRunOut(db: Kysely<Tables>, { endedBy, endsAfter }: RunOut): Promise<readonly Act[]> {
  const rows = await readSealedGood(db, "acts", (all) =>
    all
      .where("state", "=", "waiting")
      .where((eb) => eb.or([eb("expires_at", "<=", endedBy), eb("expires_at", ">", endsAfter)]))
      .orderBy("expires_at")
      .limit(LIST_LIMIT)
      .forUpdate()
      .skipLocked(),
  )
  return rows.map(toAct)
}

/** Locks and reads every act that waits. */
export async function lockWaiting(db: Kysely<Tables>): Promise<readonly Act[]> {
  const rows = await readSealedGood(db, "acts", (all) => all.where("state", "=", "waiting").orderBy("id").forUpdate())
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
  await updateSealed(db, "acts", (all) => all.where("id", "=", id), {
    state: decided.state,
    decided_by: decided.by,
    decided_at: decided.at,
    decline_reason: decided.reason ?? null,
  })
}

function toAct(row: SealedRow<"acts">): Act {
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
    grant: (row.grant_json ?? undefined) as ActGrant | undefined,
    askProof: (row.ask_proof ?? undefined) as StoredProof | undefined,
    secondProof: (row.second_proof ?? undefined) as StoredProof | undefined,
  }
}
