/**
 * SQL of sessions.
 * @module
 */
import type { Kysely } from "kysely"
import type { PersonId } from "../../../platform/auth/actor.ts"
import {
  insertSealed,
  type Narrow,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import type { Session, SignInMethod } from "../types.ts"

/** When a session counts as live: last seen between two moments, and ending after now. */
export interface Liveness {
  readonly now: Date
  readonly seenAfter: Date
  /** A session seen later than this was written by a clock that has been set back since. */
  readonly seenBefore: Date
}

/** Locks starting and ending of a person's sessions until the transaction ends. */
export async function lockSessionsOf(trx: Kysely<Tables>, personId: string): Promise<void> {
  await trx.selectFrom("people").select("id").where("id", "=", personId).forUpdate().execute()
}

/** Inserts a session with the digest of its token and its MAC. */
export async function insertSession(db: Kysely<Tables>, session: Session, tokenSha256: string): Promise<void> {
  await insertSealed(db, "sessions", {
    id: session.id,
    token_sha256: tokenSha256,
    person_id: session.personId,
    method: session.method,
    started_at: session.startedAt,
    seen_at: session.seenAt,
    expires_at: session.expiresAt,
    proved_at: session.provedAt ?? null,
    ended_at: null,
    after_ending: session.afterEnding ?? null,
  })
}

/** Finds the live session of a token. @throws {IntegrityError} `row_untrusted`. */
export async function findSession(
  db: Kysely<Tables>,
  tokenSha256: string,
  liveness: Liveness,
): Promise<Session | undefined> {
  const row = await readOneSealed(db, "sessions", (all) => live(all, liveness).where("token_sha256", "=", tokenSha256))
  return row === undefined ? undefined : toSession(row)
}

/** Reads a person's live sessions, newest first. */
export async function listSessions(
  db: Kysely<Tables>,
  personId: string,
  liveness: Liveness,
): Promise<readonly Session[]> {
  const rows = await readSealedGood(db, "sessions", (all) =>
    live(all, liveness).where("person_id", "=", personId).orderBy("started_at", "desc"),
  )
  return rows.map(toSession)
}

/** Sets `seen_at`, from which idle time counts and which the MAC does not cover. No event is recorded. */
export async function touchSession(db: Kysely<Tables>, id: string, at: Date): Promise<void> {
  await db.updateTable("sessions").set({ seen_at: at }).where("id", "=", id).execute()
}

/** Records a step-up; `undefined` if the session is not live. */
export async function proveSession(
  db: Kysely<Tables>,
  {
    id,
    personId,
    at,
    seenBefore,
  }: {
    readonly id: string
    readonly personId: string
    readonly at: Date
    readonly seenBefore: Date
  },
): Promise<Session | undefined> {
  const [row] = await updateSealed(
    db,
    "sessions",
    (all) =>
      all
        .where("id", "=", id)
        .where("person_id", "=", personId)
        .where("ended_at", "is", null)
        .where("expires_at", ">", at)
        .where("seen_at", "<=", seenBefore),
    { proved_at: at, seen_at: at },
  )
  return row === undefined ? undefined : toSession(row)
}

/** Ends one session of a person, or all but one; returns their ids. */
export async function endSessions(
  db: Kysely<Tables>,
  personId: string,
  at: Date,
  which: { readonly only?: string; readonly except?: string } = {},
): Promise<readonly string[]> {
  const { only, except } = which
  const ended = await updateSealed(
    db,
    "sessions",
    (all) => {
      let select = all.where("person_id", "=", personId).where("ended_at", "is", null).orderBy("id")
      if (only !== undefined) select = select.where("id", "=", only)
      if (except !== undefined) select = select.where("id", "<>", except)
      return select
    },
    { ended_at: at },
    { leaveUntrusted: true },
  )
  return ended.map(({ id }) => id)
}

/** Deletes sessions that must have ended before a moment. */
export async function sweepSessions(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("sessions").where("expires_at", "<", before).execute()
}

function live(
  all: Parameters<Narrow<"sessions">>[0],
  { now, seenAfter, seenBefore }: Liveness,
): ReturnType<Narrow<"sessions">> {
  return all
    .where("ended_at", "is", null)
    .where("expires_at", ">", now)
    .where("seen_at", ">", seenAfter)
    .where("seen_at", "<=", seenBefore)
}

function toSession(row: SealedRow<"sessions">): Session {
  return {
    id: row.id,
    personId: row.person_id as PersonId,
    method: row.method as SignInMethod,
    startedAt: row.started_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    provedAt: row.proved_at ?? undefined,
    afterEnding: row.after_ending ?? undefined,
  }
}
