/**
 * Reads the history of a case's evidence from the log: what arrived, who opened what, and what was filed, held,
 * disclosed and destroyed. Decisions are left out, since a second reviewer may read it.
 * @module
 */
import { CUSTODY_EVENTS } from "@nightlight/contract/server"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"

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
  return readEvents(db, { subjects, types: [...CUSTODY_EVENTS.opened, ...CUSTODY_EVENTS.moved], ...page })
}
