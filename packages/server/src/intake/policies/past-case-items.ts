/**
 * Items of cases with the stored signals that they were decided on: for trials of policies. The sealed context
 * compartment is not opened for that.
 * @module
 */
import { compact, DECISIONS, type Decision } from "@nightlight/core"
import type { KnownMatch, KnownSignals } from "@nightlight/screening"
import type { Kysely, Selectable } from "kysely"
import { countItems, readItemsByTime } from "../../casework/cases/items/items-by-time.ts"
import type { CaseTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { PastDecision, PastDecisions } from "./types.ts"

/** Items by the time at which they were verified. */
export function pastItems(db: Kysely<Tables>): PastDecisions {
  return {
    count: (period) => countItems(db, period),
    read: async (period, page) => (await readItemsByTime(db, period, page)).map(toPast),
  }
}

type Row = Pick<
  Selectable<CaseTables["case_items"]>,
  "item_id" | "case_id" | "attached_at" | "verdict" | "matches" | "media_type" | "digests"
>

function toPast(row: Row): PastDecision {
  const { item_id: itemId, case_id: caseId, attached_at: at, verdict } = row
  const isKnown = (DECISIONS as readonly string[]).includes(verdict)
  return compact({
    id: itemId,
    at,
    decision: verdict as Decision,
    place: { caseId, itemId },
    known: isKnown ? knownOf(row) : undefined,
  })
}

/**
 * Weak matches, kind, cause and the difference of a matching view from the listed picture are sealed or were never
 * stored. Matched content never reaches a classifier, so there are no scores; and where a list that is no test list
 * matched, there was a list.
 */
function knownOf({ matches, media_type: mediaType, digests }: Row): KnownSignals {
  return compact({
    matches: matches.map((match): KnownMatch => ({ ...match, declared: match.declared ?? false })),
    scores: [],
    // A malformed claimed type is stored as the type of arbitrary bytes.
    mediaType: digests === "verified" || mediaType !== "application/octet-stream" ? mediaType : undefined,
    screened: matches.some(({ trust }) => trust !== "test") ? true : undefined,
  })
}
