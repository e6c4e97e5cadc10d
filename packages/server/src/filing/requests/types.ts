/**
 * Requests of law enforcement and of NCMEC: preservation letters, legal process, requests to destroy.
 * @module
 */
import type { DisclosureKind, RequestKind } from "../../platform/db/tables/filing.ts"

/** How long a letter under 18 USC 2703(f) preserves, days; it may be renewed once. */
export const PRESERVATION_REQUEST_DAYS = 90

/** Who requests what; sealed. */
export interface RequestScope {
  readonly agency: string
  readonly officer: string
  readonly reference: string
  readonly scope: string
}

/** A request without its sealed scope. */
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

/** Content or records handed to an authority, approved by two people. */
export interface Disclosure {
  readonly disclosureId: string
  readonly requestId: string
  readonly caseId: string
  readonly kind: DisclosureKind
  readonly approvalId: string
  readonly requestedBy: string
  readonly approvedBy: string
  /** Of the exported document, if there is one. */
  readonly documentSha256: string | undefined
  readonly disclosedAt: Date
}
