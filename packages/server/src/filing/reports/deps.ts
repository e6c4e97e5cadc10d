/**
 * What reports work with.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Environment } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import type { AreIndependent, DraftSource } from "./ports.ts"
import type { SealedReports } from "./sealed.ts"

/** Queue of the job that files. */
export const FILE_REPORT = "file-report"

/** What reports work with. */
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
