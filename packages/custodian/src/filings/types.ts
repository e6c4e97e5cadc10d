import type { KeyedDigest } from "@nightlight/vault"
import type { CustodianConfig } from "../config.ts"
import type { FilingAuthorisations } from "../filing-authorisations/authorisations.ts"
import type { Grants } from "../grants/grants.ts"
import type { Journal } from "../journal/journal.ts"
import type { Opener } from "../viewings/opener.ts"
import type { ViewingBook } from "../viewings/viewing-book.ts"
import type { FilingBook } from "./filing-book.ts"
import type { Receipts } from "./receipts.ts"
import type { Tipline } from "./tipline.ts"

/** Dependencies of filings. */
export interface FilingDeps {
  readonly config: Pick<CustodianConfig, "schemaVersion">
  readonly journal: Journal
  readonly book: FilingBook
  readonly viewingBook: ViewingBook
  readonly grants: Grants
  readonly authorisations: Pick<FilingAuthorisations, "signedTemplate" | "assertListed">
  readonly opener: Opener
  readonly tipline: Tipline
  readonly receipts: Receipts
  readonly keyedDigest: KeyedDigest
}
