/**
 * Requests of law enforcement and of NCMEC: preservation letters, legal process, requests to destroy.
 * @module
 */

/** What is asked for. */
export const REQUEST_KINDS = ["preservation-2703f", "legal-process", "destruction", "ncmec"] as const
/** One of {@link REQUEST_KINDS}. */
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** How long a letter under 18 USC 2703(f) preserves, days; it may be renewed once. */
export const LETTER_DAYS = 90

/** What left the house: the record of custody, the content itself, or other records. */
export const DISCLOSURE_KINDS = ["custody-record", "content", "records"] as const
/** One of {@link DISCLOSURE_KINDS}. */
export type DisclosureKind = (typeof DISCLOSURE_KINDS)[number]

/** Who asks for what; sealed. */
export interface RequestScope {
  readonly agency: string
  readonly officer: string
  readonly reference: string
  readonly scope: string
}

/** A request without what is sealed of it. */
export interface LeRequest {
  readonly requestId: string
  readonly kind: RequestKind
  readonly state: "open" | "closed"
  readonly receivedAt: Date
  readonly dueAt: Date | undefined
  readonly openedBy: string
  readonly openedAt: Date
  readonly closedBy: string | undefined
  readonly closedAt: Date | undefined
}

/** One disclosure. */
export interface Disclosure {
  readonly disclosureId: string
  readonly requestId: string
  readonly caseId: string
  readonly kind: DisclosureKind
  readonly actId: string
  readonly askedBy: string
  readonly secondedBy: string
  /** Of the exported document, where there is one. */
  readonly documentSha256: string | undefined
  readonly disclosedAt: Date
}
