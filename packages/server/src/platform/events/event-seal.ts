/**
 * The MAC of an event's row: over its number and its chain hash, and so over everything before it.
 * @module
 */
import type { Kysely } from "kysely"
import { authorityOf } from "../authority/of-database.ts"
import { isTrusted } from "../authority/sealed-rows.ts"
import type { Tables } from "../db/tables.ts"

/** Members of an event that its MAC covers. */
interface Chained {
  readonly seq: number
  readonly hash: string
}

/** Computes the MAC of an event over its number and hash. */
export function sealEvent(db: Kysely<Tables>, { seq, hash }: Chained): string {
  return authorityOf(db).seal("events", String(seq), hash)
}

/** Whether an event's MAC is valid; an invalid one is reported. */
export function isEventSealed(db: Kysely<Tables>, event: Chained, mac: string): boolean {
  return isTrusted(() => checkEvent(db, event, mac))
}

/** Checks an event's MAC. @throws {IntegrityError} `row_untrusted`. */
export function checkEvent(db: Kysely<Tables>, { seq, hash }: Chained, mac: string): void {
  authorityOf(db).check("events", String(seq), hash, mac)
}
