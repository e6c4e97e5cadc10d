/**
 * A report's content and proofs, sealed under its case's key.
 * @module
 */
import { AutomaticFilingGrant, FilingAnswer, FilingGrant, GrantProof } from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { ContextKeys } from "../../../platform/context-keys/context-keys.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import type { ReportContent, ReportId } from "../types.ts"

/** A grant being proven, with no proof, one, or two; or an automatic grant under a filing authorisation. */
export const PendingGrant = z.strictObject({
  grant: z.discriminatedUnion("purpose", [FilingGrant, AutomaticFilingGrant]),
  proofs: z.array(GrantProof).max(2),
})
export type PendingGrant = z.infer<typeof PendingGrant>

/** Seals and opens the parts of reports. */
export interface SealedReports {
  sealContent(db: Kysely<Tables>, report: ReportKey, content: ReportContent): Promise<Buffer>
  /** @throws {RequestError} `not_found` if the case's key was destroyed. */
  openContent(db: Kysely<Tables>, report: ReportKey, sealed: Uint8Array): Promise<ReportContent>
  /** Seals a grant with the proofs it has so far. */
  sealGrant(db: Kysely<Tables>, report: ReportKey, pending: PendingGrant): Promise<Buffer>
  /** @throws {RequestError} `not_found` if the case's key was destroyed. */
  openGrant(db: Kysely<Tables>, report: ReportKey, sealed: Uint8Array): Promise<PendingGrant>
  /** Seals the CyberTipline's answer to a call. */
  sealAnswer(db: Kysely<Tables>, report: ReportKey, answer: FilingAnswer): Promise<Buffer>
  /** @throws {RequestError} `not_found` if the case's key was destroyed. */
  openAnswers(db: Kysely<Tables>, report: ReportKey, sealed: readonly Uint8Array[]): Promise<readonly FilingAnswer[]>
}

/** Id of a report and its case. */
export interface ReportKey {
  readonly id: ReportId
  readonly caseId: string
}

/** Seals reports, grants and answers under the key of the report's case, each bound to the report's id. */
export function sealedReports(keys: ContextKeys): SealedReports {
  return {
    sealContent: (db, { id, caseId }, content) =>
      keys.seal(db, caseId, `report-content:${id}`, content as unknown as JsonValue),
    openContent: async (db, { id, caseId }, sealed) =>
      (await keys.open(db, caseId, `report-content:${id}`, sealed)) as unknown as ReportContent,
    sealGrant: (db, { id, caseId }, pending) =>
      keys.seal(db, caseId, `report-grant:${id}`, pending as unknown as JsonValue),
    openGrant: async (db, { id, caseId }, sealed) =>
      PendingGrant.parse(await keys.open(db, caseId, `report-grant:${id}`, sealed)),
    sealAnswer: (db, { id, caseId }, answer) =>
      keys.seal(db, caseId, `report-answer:${id}`, answer as unknown as JsonValue),
    openAnswers: async (db, { id, caseId }, sealed) =>
      (await keys.openMany(db, caseId, `report-answer:${id}`, sealed)).map((answer) => FilingAnswer.parse(answer)),
  }
}
