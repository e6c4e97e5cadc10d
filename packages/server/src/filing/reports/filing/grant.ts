/**
 * The grant that the people behind a report prove: the custodian files only what has these digests.
 * @module
 */

import { createHash, randomUUID } from "node:crypto"
import { type FilingGrant, GRANT_FORMAT } from "@nightlight/contract/custodian"
import { canonicalJson, HOUR_MS, type JsonValue } from "@nightlight/core"
import type { Environment } from "../../../platform/db/tables/filing.ts"
import type { ReportContent, ReportId } from "../types.ts"

/** Hours that people have to approve a proposed report, and the custodian to begin. */
export const FILING_GRANT_HOURS = 24

/** Content of a filing grant before it is proven. */
export interface GrantRequest {
  readonly reportId: ReportId
  readonly caseId: string
  readonly content: ReportContent
  readonly environment: Environment
  readonly preparedBy: string
  /** Whether the preparer files without a second person. */
  readonly singlePerson: boolean
  readonly now: Date
}

/** Makes a filing grant, with a new id, for a report in its current state. */
export function toFilingGrant(request: GrantRequest): FilingGrant {
  const { preparedBy, singlePerson } = request
  return { ...grantOf(request), purpose: "filing", preparedBy, singlePerson }
}

/** The content of a filing grant, whoever permits it. */
export function grantOf({
  reportId,
  caseId,
  content,
  environment,
  now,
}: Omit<GrantRequest, "preparedBy" | "singlePerson">) {
  return {
    format: GRANT_FORMAT,
    grantId: `grant-${randomUUID()}`,
    caseId,
    reportId,
    environment,
    documentSha256: digestOf(content.document),
    files: content.files.map(({ evidenceId, ciphertextSha256, details }) => ({
      evidenceId,
      ciphertextSha256,
      detailsSha256: digestOf(details),
    })),
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + FILING_GRANT_HOURS * HOUR_MS).toISOString(),
  } as const
}

/** Whether a grant still matches the report's content. */
export function grantCovers(grant: FilingGrant, content: ReportContent): boolean {
  return (
    grant.documentSha256 === digestOf(content.document) &&
    grant.files.length === content.files.length &&
    content.files.every(({ evidenceId, ciphertextSha256, details }, position) => {
      const file = grant.files[position]
      return (
        file?.evidenceId === evidenceId &&
        file.ciphertextSha256 === ciphertextSha256 &&
        file.detailsSha256 === digestOf(details)
      )
    })
  )
}

/** SHA-256 of a value's canonical JSON, lower-case hexadecimal, as the custodian computes it. */
function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(canonicalJson(value as JsonValue))
    .digest("hex")
}
