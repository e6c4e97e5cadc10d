import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import { readEvents, textOf } from "../../platform/events/read.ts"

/** A row of `sources`, without its MAC. */
export type SourceRow = Omit<SealedRow<"sources">, "mac">

/** Adds a source. @throws {RequestError} `state_conflict` if a live one has the key. */
export async function insertSource(db: Kysely<Tables>, row: SourceRow): Promise<void> {
  await insertSealed(db, "sources", row)
}

/** State of a source's keys after its own key is replaced. */
export interface KeyChange {
  readonly source: string
  /** Id of the old key. */
  readonly fromKeyId: string
  readonly keyId: string
  readonly publicKey: string
}

/** Replaces the key of a live source that still has the old one; `false` if there is none. */
export async function replaceSourceKey(db: Kysely<Tables>, { source, fromKeyId, keyId, publicKey }: KeyChange) {
  const changed = await updateSealed(
    db,
    "sources",
    (all) => all.where("source_id", "=", source).where("key_id", "=", fromKeyId).where("revoked_at", "is", null),
    (row) => ({
      key_id: keyId,
      public_key: publicKey,
      replaced_keys: [...(row.replaced_keys ?? []), row.public_key],
    }),
  )
  return changed.length > 0
}

/** Revokes a source. Returns `false` if it was revoked before. */
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
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or the log says that the source was revoked, or has
 *   another key, and the row does not.
 */
export function findSource(db: Kysely<Tables>, source: string): Promise<SourceRow | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "sources", (all) => all.where("source_id", "=", source))
    if (row === undefined) return ABSENT
    if (row.revoked_at !== null) return { value: row, differing: undefined }
    const logged = await readPowerEvents(db, source)
    const turned = logged.findLast(({ type }) => type === "source.rotated")
    const isOlder = turned !== undefined && turned.data["key"] !== row.key_id
    const isRevoked = logged.some(({ type }) => type === "source.revoked")
    return readingOf(row, isOlder || isRevoked, { table: "sources", id: source })
  })
}

/** A source that was not revoked, according to the log. */
export interface LoggedSource {
  readonly enrolled: AuditEvent
  /** Id of its key. */
  readonly keyId: string
}

/** The log's view of a live source. */
export async function findLiveEnrolment(db: Kysely<Tables>, source: string): Promise<LoggedSource | undefined> {
  const types = ["source.enrolled", "source.rotated", "source.revoked"]
  const events = await readEvents(db, { subject: source, types })
  const enrolled = events.find(({ type }) => type === "source.enrolled")
  const last = events.at(-1)
  if (enrolled === undefined || last === undefined || last.type === "source.revoked") return undefined
  return { enrolled, keyId: textOf(last.data, "key") }
}

/** All sources, oldest first. */
export function allSources(db: Kysely<Tables>): Promise<SourceRow[]> {
  return readSealedGood(db, "sources", (all) => all.orderBy("enrolled_at").orderBy("source_id"))
}
