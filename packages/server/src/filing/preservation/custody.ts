/**
 * Reads the history of a case's evidence from the log: what arrived, who opened what, and what was filed, held,
 * disclosed and destroyed. Decisions are left out, since a second reviewer may read it.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"

/** Events of opening something of the case. */
const OPENED = [
  "viewing.requested",
  "viewing.shown",
  "viewing.failed",
  "viewing.ended",
  "viewing.attested",
  "original.requested",
  "original.proven",
  "original.declined",
  "original.withdrawn",
  "context.read",
  "report.read",
  "report.filing-sheet-written",
  "hold.read",
  "evidence.disclosed",
] as const

/** Events of evidence arriving, leaving and being kept. */
const MOVED = [
  "evidence.received",
  "item.attached",
  "item.evidence-added",
  "item.evidence-replaced",
  "preservation.locked",
  "preservation.extended",
  "preservation.cleared",
  "preservation.followed",
  "preservation.clearing-cancelled",
  "hold.placed",
  "hold.lifted",
  "report.finished",
  "report.filed-manually",
  "case.filed",
  "case.referred",
  "evidence.destruction-ordered",
  "evidence.destruction-receipted",
  "evidence.destruction-refused",
  "evidence.destroyed",
  "case.context-destroyed",
] as const

/**
 * Reads the events, in order.
 *
 * @param subjects - The case, its pieces of evidence, its reports.
 */
export function readCustody(
  db: Kysely<Tables>,
  subjects: readonly string[],
  page: { readonly fromSeq: number; readonly limit: number },
): Promise<readonly AuditEvent[]> {
  return readEvents(db, { subjects, types: [...OPENED, ...MOVED], ...page })
}
