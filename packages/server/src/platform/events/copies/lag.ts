/**
 * Progress of each configured place: checkpoints that were signed and are not there yet.
 * @module
 */
import type { Clock } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../db/tables.ts"
import { readSignedAt } from "../signing.ts"
import type { CopyPlace } from "./types.ts"

/** State of one place. */
export interface CopyLag {
  /** Name of the place in the configuration. */
  readonly place: string
  /** `behind`: a waiting checkpoint was signed more than 5 minutes ago; `failing`: the last try failed. */
  readonly state: "current" | "behind" | "failing"
  /** Checkpoints that are not there yet. */
  readonly waiting: number
  /** When the oldest of them was signed, by the custodian's clock. */
  readonly waitingSince: Date | undefined
  /** When a checkpoint was last put there. */
  readonly copiedAt: Date | undefined
  readonly failingSince: Date | undefined
  /** Of the last try: a `CopyFault`, or an error's code. */
  readonly fault: string | undefined
}

/** Dependencies of {@link readCopyLags}. */
export interface CopyLagDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly places: readonly Pick<CopyPlace, "name">[]
}

/** The worker copies each minute: a checkpoint that waits for this long waits for more than the next run. */
const BEHIND_MS = 5 * 60_000

/** In the order of the configuration. */
export async function readCopyLags({ db, clock, places }: CopyLagDeps): Promise<readonly CopyLag[]> {
  if (places.length === 0) return []
  const names = places.map(({ name }) => name)
  const rows = await db.selectFrom("checkpoint_copies").selectAll().where("place", "in", names).execute()
  return Promise.all(
    names.map(async (place): Promise<CopyLag> => {
      const row = rows.find((one) => one.place === place)
      const { waiting, waitingSince } = await readWaiting(db, row ?? { restarts: 0, seq: "0" })
      const isLate = waitingSince !== undefined && clock.now().getTime() - waitingSince.getTime() > BEHIND_MS
      const fault = row?.fault ?? undefined
      return {
        place,
        state: fault !== undefined ? "failing" : isLate ? "behind" : "current",
        waiting,
        waitingSince,
        copiedAt: row?.copied_at ?? undefined,
        failingSince: row?.failing_since ?? undefined,
        fault,
      }
    }),
  )
}

async function readWaiting(
  db: Kysely<Tables>,
  { restarts, seq }: { readonly restarts: number; readonly seq: string },
): Promise<Pick<CopyLag, "waiting" | "waitingSince">> {
  const isBehind = sql<boolean>`(restarts, seq) > (${restarts}, ${seq})`
  const counted = await db
    .selectFrom("event_checkpoints")
    .select((eb) => eb.fn.countAll().as("waiting"))
    .where(isBehind)
    .executeTakeFirstOrThrow()
  const oldest = await db
    .selectFrom("event_checkpoints")
    .select("line")
    .where(isBehind)
    .orderBy("restarts")
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst()
  return {
    waiting: Number(counted.waiting),
    waitingSince: oldest === undefined ? undefined : readSignedAt(oldest.line),
  }
}
