/**
 * Who may do what, according to the log. A row that was once valid can be put back with its MAC after it was ended: the
 * log says that it was ended, and the log wins.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"
import { readEvents } from "./read.ts"

/** Types of the events that give or end power; the database's index `events_of_power` covers them. */
export const POWER_EVENTS = [
  "session.ended",
  "sessions.ended-all",
  "person.deactivated",
  "role.granted",
  "role.removed",
  "credentials.set",
  "credentials.reset",
  "credentials.password-changed",
  "passkey.added",
  "passkey.removed",
  "key.revoked",
  "key.rotated",
  "source.revoked",
  "source.rotated",
  "approval.approved",
  "approval.declined",
  "approval.expired",
  "break-glass.opened",
  "break-glass.cancelled",
  "link.made",
  "link.opened",
  "preservation.locked",
  "preservation.extended",
  "preservation.clearing-cancelled",
  "hold.placed",
  "hold.lifted",
  "evidence.destruction-ordered",
  "evidence.destroyed",
  "automation.switched-off",
  "list.false-positive-ended",
  "request.closed",
  "original.proven",
  "original.declined",
  "original.withdrawn",
  "filing.paused",
  "filing.resumed",
] as const

/**
 * Every event about these subjects that gave or ended power, in order. @throws {IntegrityError} as {@link readEvents}.
 */
export function readPowerEvents(db: Kysely<Tables>, ...subjects: readonly string[]): Promise<readonly AuditEvent[]> {
  return readEvents(db, { subjects, types: POWER_EVENTS })
}
