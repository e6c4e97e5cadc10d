/**
 * Items of cases with what was kept of the signals that they were decided on: for trials of policies. What lies sealed
 * in the context compartment is not opened for that.
 * @module
 */
import { compact, DECISIONS, type Decision } from "@nightlight/core"
import type { KnownMatch, KnownSignals } from "@nightlight/screening"
import type { Kysely, Selectable } from "kysely"
import { countItems, readItemsByTime } from "../../casework/cases/items/items-by-time.ts"
import type { CaseTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { PastDecision, PastDecisions } from "./types.ts"

/** Items by when they were verified. */
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
 * How a matching view differs from the listed picture, weak matches, kind and cause lie sealed, or were never kept. No
 * classifier sees what matched, so there are no scores; and where a list that is no test list matched, one was there.
 */
function knownOf({ matches, media_type: mediaType, digests }: Row): KnownSignals {
  return compact({
    matches: matches.map((match): KnownMatch => ({ ...match, declared: match.declared ?? false })),
    scores: [],
    // A claimed type that is none is kept as that of bytes.
    mediaType: digests === "verified" || mediaType !== "application/octet-stream" ? mediaType : undefined,
    screened: matches.some(({ trust }) => trust !== "test") ? true : undefined,
  })
}
