/**
 * Ports of reports to the rest of the server.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Environment, ReportKind } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import type { SealedReports } from "./content/sealed.ts"
import type { DraftMaterial } from "./draft/material.ts"
import type { ReportId } from "./types.ts"

/** A finished report, as passed to hooks. */
export interface FinishedReport {
  readonly reportId: ReportId
  readonly caseId: string
  readonly environment: Environment
  readonly remoteReportId: string
  readonly evidenceIds: readonly string[]
  readonly finishedAt: Date
}

/** Collects the material of a draft. */
export interface DraftSource {
  /**
   * @throws {RequestError} `not_found` if there is no such case; `state_conflict` if it was not decided as reportable,
   *   or is about test cards.
   */
  collect(db: Kysely<Tables>, caseId: string, kind: ReportKind | undefined): Promise<DraftCollection>
}

/** A draft's material, with what the report's row needs. */
export interface DraftCollection {
  readonly material: DraftMaterial
  /** Prior reports that a person filed manually. */
  readonly manualReports: readonly string[]
  readonly kind: ReportKind
  readonly dueAt: Date | undefined
}

/** Whether two people are independent: neither made, granted a role to or reset the other. */
export type AreIndependent = (db: Kysely<Tables>, first: string, second: string) => Promise<boolean>

/**
 * Runs after a finished report, in the same transaction. Called for the test host too; hooks that count check for it.
 */
export type FinishedHook = (tx: EventTransaction, finished: FinishedReport) => Promise<void>

/** Queue of the job that files. */
export const FILE_REPORT = "file-report"

/** Dependencies of reports. */
export interface ReportDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly jobs: Jobs
  readonly sealed: SealedReports
  readonly drafts: DraftSource
  readonly areIndependent: AreIndependent
  /** Ids of the sealed pieces of a case's items that its decision includes: what its reports may bring. */
  readonly includedEvidence: (db: Kysely<Tables>, caseId: string) => Promise<readonly string[]>
  /** Which host new reports go to. */
  readonly environment: Environment
}
