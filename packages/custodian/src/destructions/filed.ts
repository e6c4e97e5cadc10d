/**
 * Evidence that the custodian filed itself is kept for a year, whatever a server says.
 *
 * Source: 18 USC 2258A(h)(1): a finished report is a request to preserve for one year.
 * @module
 */

import type { GrantedEvidence } from "@nightlight/contract/custodian"
import { DAY_MS } from "@nightlight/core"
import type { z } from "zod"
import type { Filing, FilingBook } from "../filings/filing-book.ts"
import { refusal } from "../refusal.ts"
import type { RewrapBook } from "../rewraps/rewrap-book.ts"

type Piece = z.infer<typeof GrantedEvidence>

/** Records that decide whether a piece of evidence has been filed. */
export interface FiledRules {
  readonly filings: FilingBook
  /** The digests under which a filed file may be stored after a rewrap. */
  readonly rewraps: Pick<RewrapBook, "digestsOf">
  readonly now: Date
}

/** NCMEC drops a report that is not finished within this time. */
const UNDER_WAY_MS = DAY_MS

/**
 * Refuses to destroy evidence in a production report of the last year, or in one that is being filed. A piece counts as
 * the filed one if its id or its sealed file is the same.
 *
 * @throws {RequestError} as `refusal`: `filed-within-year`, `being-filed`.
 */
export function assertNotFiled(pieces: readonly Piece[], { filings, rewraps, now }: FiledRules): void {
  const ids = new Set(pieces.map(({ evidenceId }) => evidenceId))
  const files = new Set(pieces.map(({ ciphertextSha256 }) => ciphertextSha256))
  for (const filing of filings.since(0)) {
    if (filing.environment !== "production") continue
    const piece = filing.files.find(
      (file) => ids.has(file.evidenceId) || rewraps.digestsOf(file).some((digest) => files.has(digest)),
    )
    if (piece !== undefined) assertOver(filing, piece, now)
  }
}

function assertOver({ reportId, attempts }: Filing, { evidenceId }: Piece, now: Date): void {
  for (const { state, at } of attempts) {
    // If the answer to finish was lost, the report may be finished.
    if ((state === "finished" || state === "finishing") && now < aYearAfter(new Date(at))) {
      throw refusal("filed-within-year", "this was filed with NCMEC less than a year ago", { evidenceId, reportId })
    }
    const isUnderWay = state === "opening" || state === "opened"
    if (isUnderWay && now.getTime() - Date.parse(at) < UNDER_WAY_MS) {
      throw refusal("being-filed", "this is being filed with NCMEC", { evidenceId, reportId })
    }
  }
}

function aYearAfter(date: Date): Date {
  const later = new Date(date)
  later.setUTCFullYear(later.getUTCFullYear() + 1)
  return later
}
