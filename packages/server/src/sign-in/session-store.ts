/**
 * SQL of sessions.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { PersonId } from "../auth/actor.ts"
import type { Tables } from "../db/tables.ts"
import type { SignInTables } from "./tables.ts"
import type { Session, SignInMethod } from "./types.ts"

/** When a session counts as live: seen after one moment and before another, and ending after now. */
export interface Liveness {
  readonly now: Date
  readonly seenAfter: Date
  /** A session seen later than this was seen by a clock that has been set back since. */
  readonly seenBefore: Date
}

/** Adds a session. */
export async function insertSession(db: Kysely<Tables>, session: Session, tokenSha256: string): Promise<void> {
  await db
    .insertInto("sessions")
    .values({
      id: session.id,
      token_sha256: tokenSha256,
      person_id: session.personId,
      method: session.method,
      started_at: session.startedAt,
      seen_at: session.seenAt,
      expires_at: session.expiresAt,
      proved_at: session.provedAt ?? null,
      ended_at: null,
    })
    .execute()
}

/** Finds the live session of a token. */
export async function findSession(
  db: Kysely<Tables>,
  tokenSha256: string,
  liveness: Liveness,
): Promise<Session | undefined> {
  const row = await live(db, liveness).where("token_sha256", "=", tokenSha256).executeTakeFirst()
  return row === undefined ? undefined : toSession(row)
}

/** Reads a person's live sessions, newest first. */
export async function listSessions(
  db: Kysely<Tables>,
  personId: string,
  liveness: Liveness,
): Promise<readonly Session[]> {
  const rows = await live(db, liveness).where("person_id", "=", personId).orderBy("started_at", "desc").execute()
  return rows.map(toSession)
}

/** Notes that a session was used. */
export async function touchSession(db: Kysely<Tables>, id: string, at: Date): Promise<void> {
  await db.updateTable("sessions").set({ seen_at: at }).where("id", "=", id).execute()
}

/** Notes that the person of a session proved themselves again; `undefined` if the session is not live. */
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
  const row = await db
    .updateTable("sessions")
    .set({ proved_at: at, seen_at: at })
    .where("id", "=", id)
    .where("person_id", "=", personId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", at)
    .where("seen_at", "<=", seenBefore)
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? undefined : toSession(row)
}

/** Ends sessions of a person: one, or all but one; their ids. */
export async function endSessions(
  db: Kysely<Tables>,
  personId: string,
  at: Date,
  which: { readonly only?: string; readonly except?: string } = {},
): Promise<readonly string[]> {
  let update = db
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("person_id", "=", personId)
    .where("ended_at", "is", null)
  if (which.only !== undefined) update = update.where("id", "=", which.only)
  if (which.except !== undefined) update = update.where("id", "<>", which.except)
  return (await update.returning("id").execute()).map(({ id }) => id)
}

/** Deletes sessions that could end no later than a moment. */
export async function sweepSessions(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("sessions").where("expires_at", "<", before).execute()
}

function live(db: Kysely<Tables>, { now, seenAfter, seenBefore }: Liveness) {
  return db
    .selectFrom("sessions")
    .selectAll()
    .where("ended_at", "is", null)
    .where("expires_at", ">", now)
    .where("seen_at", ">", seenAfter)
    .where("seen_at", "<=", seenBefore)
}

function toSession(row: Selectable<SignInTables["sessions"]>): Session {
  return {
    id: row.id,
    personId: row.person_id as PersonId,
    method: row.method as SignInMethod,
    startedAt: row.started_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    provedAt: row.proved_at ?? undefined,
  }
}
