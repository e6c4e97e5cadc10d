/**
 * The material of a draft: recorded facts of a case, collected by the service.
 * @module
 */
import type { FILE_ANNOTATIONS, INDUSTRY_CLASSIFICATIONS, REPORT_ANNOTATIONS } from "@nightlight/cybertipline"
import type { LegalBasis } from "../../../platform/db/tables/casework.ts"
import type { ItemMatch } from "./matched.ts"

/** One place where an item was found, from its sealed context. */
export interface DraftLocation {
  readonly sourceUrl?: string
  readonly licence?: string
  /** The dataset's name in reports, chosen when its source was enrolled. */
  readonly datasetName?: string
  readonly shard?: string
  readonly key?: string
  readonly screenedAt?: string
}

/** One item that the decision includes. */
export interface DraftItem {
  readonly itemId: string
  /** Absent if nothing was sealed. */
  readonly evidence: { readonly evidenceId: string; readonly ciphertextSha256: string } | undefined
  /** Whether the sealed evidence contains the content itself: only then can a file be sent. */
  readonly hasContent: boolean
  readonly foundAt: string
  readonly digests: { readonly md5?: string; readonly sha1?: string; readonly sha256?: string }
  readonly match: ItemMatch
  /** Whether the custodian recomputed the digests from the opened content. */
  readonly digestsVerified: boolean
  readonly classification: (typeof INDUSTRY_CLASSIFICATIONS)[number] | undefined
  readonly annotations: readonly (typeof FILE_ANNOTATIONS)[number][]
  /** A person's attestation that they saw the whole unaltered file; the only source of a view flag. */
  readonly viewed: { readonly exifViewed: boolean } | undefined
  readonly locations: readonly DraftLocation[]
  /** The text, if the item is a text. */
  readonly text: string | undefined
}

/** Who reports, from the configuration. */
export interface DraftReporter {
  readonly company: string
  readonly contact: {
    readonly firstName: string
    readonly lastName: string
    readonly email: string
    readonly phone: string | undefined
  }
  readonly termsUrl: string | undefined
  readonly legalUrl: string | undefined
}

/** The end user, as the operator's authenticated channel named them. */
export interface DraftAccount {
  readonly identifier: string
  readonly service: string | undefined
  readonly ipCaptures: readonly { readonly address: string; readonly port?: number; readonly at?: string }[]
}

/** Recorded facts from which a report is drafted. */
export interface DraftMaterial {
  readonly origin: "dataset" | "account" | "direct"
  readonly basis: LegalBasis
  readonly reportAnnotations: readonly (typeof REPORT_ANNOTATIONS)[number][]
  /** Why it is urgent, if a person flagged imminent danger. */
  readonly urgency: string | undefined
  readonly items: readonly DraftItem[]
  readonly reporter: DraftReporter
  readonly account: DraftAccount | undefined
  /** Ids of finished production reports about the same account or dataset. */
  readonly priorReports: readonly string[]
  /** Whether the files supplement an earlier report. */
  readonly supplemental: boolean
  readonly now: Date
}
