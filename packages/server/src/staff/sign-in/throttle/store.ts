/**
 * SQL of throttling.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../../platform/db/tables.ts"

/** How fast tries of one key are allowed. */
export interface Pace {
  /** Number of tries without a wait. */
  readonly free: number
  /** Longest wait between two tries, seconds. */
  readonly longestSeconds: number
  /** After this long without a try the count is forgotten, seconds. */
  readonly forgetSeconds: number
}

/**
 * Counts a try before it is made, so that of many at once on a key that must wait, none passes. While tries are free
 * none waits, whichever of two at once is counted first.
 *
 * @returns Tries so far, this one included; or how long the key must still wait.
 */
export async function countAttempt(
  db: Kysely<Tables>,
  key: string,
  { free, longestSeconds, forgetSeconds }: Pace,
  now: Date,
): Promise<{ readonly tries: number } | { readonly waitUntil: Date }> {
  const forgotten = sql<boolean>`t.last_at < ${new Date(now.getTime() - forgetSeconds * 1000)}`
  const wait = sql`CASE WHEN ${forgotten} OR t.attempts < ${free} THEN 0
    ELSE least(${longestSeconds}::float8, power(2, least(t.attempts - ${free}::int, 20))) END`
  const { rows } = await sql<{ attempts: number }>`
    INSERT INTO sign_in_throttles AS t (key, attempts, blocked_until, last_at) VALUES (${key}, 1, ${now}, ${now})
    ON CONFLICT (key) DO UPDATE SET
      attempts = CASE WHEN ${forgotten} THEN 1 ELSE t.attempts + 1 END,
      blocked_until = ${now}::timestamptz + (${wait}) * interval '1 second',
      last_at = ${now}
    WHERE t.blocked_until <= ${now} OR t.attempts < ${free}
    RETURNING attempts`.execute(db)
  const tries = rows[0]?.attempts
  if (tries !== undefined) return { tries }
  const row = await db.selectFrom("sign_in_throttles").select("blocked_until").where("key", "=", key).executeTakeFirst()
  return { waitUntil: row?.blocked_until ?? now }
}

/** Until when the next try of a key must wait; `undefined` if it need not. */
export async function readWaitUntil(
  db: Kysely<Tables>,
  key: string,
  { free, forgetSeconds }: Pace,
  now: Date,
): Promise<Date | undefined> {
  const row = await db.selectFrom("sign_in_throttles").selectAll().where("key", "=", key).executeTakeFirst()
  if (row === undefined || row.attempts < free || row.blocked_until <= now) return undefined
  return row.last_at.getTime() < now.getTime() - forgetSeconds * 1000 ? undefined : row.blocked_until
}

/** Deletes the row of a key, and with it the wait that applies to it. */
export async function forgetTries(db: Kysely<Tables>, key: string): Promise<void> {
  await db.deleteFrom("sign_in_throttles").where("key", "=", key).execute()
}

/** Undoes one try, with the wait that it began. */
export async function undoTry(db: Kysely<Tables>, key: string): Promise<void> {
  await db
    .updateTable("sign_in_throttles")
    .set({ attempts: sql`greatest(attempts - 1, 0)`, blocked_until: new Date(0) })
    .where("key", "=", key)
    .execute()
}

/** Deletes rows of `sign_in_throttles` whose last try was before a time. */
export async function sweepTries(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("sign_in_throttles").where("last_at", "<", before).execute()
}
