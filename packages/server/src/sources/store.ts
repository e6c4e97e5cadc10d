import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { authorityOf } from "../authority/of-database.ts"
import { insertSealed, readOneSealed, readSealedGood, type SealedRow, updateSealed } from "../authority/sealed-rows.ts"
import type { Tables } from "../db/tables.ts"
import { readPowerEvents } from "../events/power.ts"
import { readEvents } from "../events/read.ts"

/** A source as the database has it. */
export type SourceRow = Omit<SealedRow<"sources">, "mac">

/** Adds a source. @throws {RequestError} `state_conflict` if a live one has the key. */
export async function insertSource(db: Kysely<Tables>, row: SourceRow): Promise<void> {
  await insertSealed(db, "sources", row)
}

/** Ends a source that is live. */
export async function endSource(db: Kysely<Tables>, source: string, at: Date): Promise<boolean> {
  const ended = await updateSealed(
    db,
    "sources",
    (all) => all.where("source_id", "=", source).where("revoked_at", "is", null),
    { revoked_at: at },
    { leaveUntrusted: true },
  )
  return ended.length > 0
}

/**
 * Finds a source, live or not.
 *
 * @throws {IntegrityError} `row_untrusted` if it is not what was written, or the log says that it was revoked and the row
 *   does not.
 */
export async function findSource(db: Kysely<Tables>, source: string): Promise<SourceRow | undefined> {
  const row = await readOneSealed(db, "sources", (all) => all.where("source_id", "=", source))
  if (row?.revoked_at !== null) return row
  if (!(await readPowerEvents(db, source)).some(({ type }) => type === "source.revoked")) return row
  throw authorityOf(db).distrust({ table: "sources", id: source })
}

/** The enrolment of a source that nobody revoked, by the log. */
export async function findLiveEnrolment(db: Kysely<Tables>, source: string): Promise<AuditEvent | undefined> {
  const last = (await readEvents(db, { subject: source, types: ["source.enrolled", "source.revoked"] })).at(-1)
  return last?.type === "source.enrolled" ? last : undefined
}

/** All sources, oldest first. */
export function allSources(db: Kysely<Tables>): Promise<SourceRow[]> {
  return readSealedGood(db, "sources", (all) => all.orderBy("enrolled_at").orderBy("source_id"))
}
