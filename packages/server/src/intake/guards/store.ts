import type { GuardHeartbeat } from "@nightlight/contract/server"
import type { Kysely, Transaction } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { GuardProcess } from "./types.ts"

/** Writes a guard's last heartbeat. Returns the state before; `undefined` if there was none. */
export async function writeHeartbeat(
  trx: Transaction<Tables>,
  { source, heartbeat, at }: { readonly source: string; readonly heartbeat: GuardHeartbeat; readonly at: Date },
): Promise<GuardHeartbeat["state"] | undefined> {
  const { instance, state } = heartbeat
  const word = { state, last_seen_at: at, heartbeat: JSON.stringify(heartbeat) }
  const added = await trx
    .insertInto("guard_heartbeats")
    .values({ source_id: source, instance, first_seen_at: at, ...word })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if ((added.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined
  const before = await trx
    .selectFrom("guard_heartbeats")
    .select("state")
    .where("source_id", "=", source)
    .where("instance", "=", instance)
    .forUpdate()
    .executeTakeFirstOrThrow()
  await trx
    .updateTable("guard_heartbeats")
    .set(word)
    .where("source_id", "=", source)
    .where("instance", "=", instance)
    .execute()
  return before.state
}

/** Forgets guards without a heartbeat since a time, and those of a source beyond a number, longest silent first. */
export async function forgetGuards(
  trx: Transaction<Tables>,
  { source, before, most }: { readonly source: string; readonly before: Date; readonly most: number },
): Promise<void> {
  await trx.deleteFrom("guard_heartbeats").where("last_seen_at", "<", before).execute()
  const beyond = trx
    .selectFrom("guard_heartbeats")
    .select("instance")
    .where("source_id", "=", source)
    .orderBy("last_seen_at", "desc")
    .orderBy("first_seen_at", "desc")
    .offset(most)
  await trx.deleteFrom("guard_heartbeats").where("source_id", "=", source).where("instance", "in", beyond).execute()
}

/** Guards whose last heartbeat is not older than `since`, by source, and of each source the one heard first first. */
export async function listGuardsSince(db: Kysely<Tables>, since: Date): Promise<readonly GuardProcess[]> {
  const rows = await db
    .selectFrom("guard_heartbeats")
    .selectAll()
    .where("last_seen_at", ">=", since)
    .orderBy("source_id")
    .orderBy("first_seen_at")
    .orderBy("instance")
    .execute()
  return rows.map(({ source_id, first_seen_at, last_seen_at, heartbeat }) => ({
    source: source_id,
    firstSeenAt: first_seen_at,
    lastSeenAt: last_seen_at,
    heartbeat,
  }))
}
