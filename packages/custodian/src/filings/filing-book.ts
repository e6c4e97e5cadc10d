/**
 * All filings ever, from the journal.
 * @module
 */
import type { Grant, GrantedFile } from "@nightlight/contract/custodian"
import { compact } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { z } from "zod"
import type { Book } from "../journal/journal.ts"
import type { ReportEnvironment } from "../layout.ts"

/** State of an attempt; see the contract's `FilingJournal`. */
export type AttemptState = "opening" | "opened" | "finishing" | "finished" | "retracted" | "abandoned" | "refused"

/** State of one file of an attempt. */
export interface AttemptFile {
  readonly state: "uploading" | "uploaded" | "describing" | "described" | "failed"
  readonly fileId?: string
  /** Keyed digest of the content's SHA-256. */
  readonly content?: string
}

/** One report that was, or may have been, opened at NCMEC. */
export interface Attempt {
  readonly attempt: number
  readonly state: AttemptState
  readonly remoteReportId?: string
  /** A retract was sent whose answer is unknown. */
  readonly isRetracting: boolean
  readonly isBatched: boolean
  readonly files: ReadonlyMap<string, AttemptFile>
  readonly at: string
}

/** The result of one filing grant. */
export interface Filing {
  readonly grantId: string
  readonly reportId: string
  readonly environment: ReportEnvironment
  readonly documentSha256: string
  readonly grantSha256: string
  /** Whether it was filed under a filing authorisation, without a person of its own. */
  readonly isAutomatic: boolean
  /** The filing authorisation, if there was one. */
  readonly authorisationId?: string
  readonly files: readonly z.infer<typeof GrantedFile>[]
  readonly attempts: readonly Attempt[]
  /** Number of the last event about it. */
  readonly seq: number
}

/** States of an attempt that can have no further effect, so that another may follow. */
export const GIVEN_UP: readonly AttemptState[] = ["retracted", "abandoned", "refused"]

const FILING_PURPOSES: ReadonlySet<unknown> = new Set<Grant["purpose"]>(["filing", "automatic-filing"])

/** Follows the filing grants and what was done on them. */
export class FilingBook implements Book {
  readonly #filings = new Map<string, Filing>()
  /** Files of a grant whose use is not in the journal (yet), because a process was killed in between. */
  readonly #files = new Map<string, z.infer<typeof GrantedFile>[]>()

  apply(event: AuditEvent): void {
    const { type, seq, data } = event
    if (type === "grant.used" && FILING_PURPOSES.has(data["purpose"])) this.#begin(event)
    if (!type.startsWith("filing.")) return
    const grantId = data["grantId"] as string
    if (type === "filing.file") this.#addFile(grantId, event)
    const filing = this.#filings.get(grantId)
    if (filing === undefined) return
    this.#filings.set(grantId, { ...filing, seq, attempts: attemptsAfter(filing.attempts, event) })
  }

  find(grantId: string): Filing | undefined {
    return this.#filings.get(grantId)
  }

  /** All filings of one report at one host. */
  ofReport(reportId: string, environment: ReportEnvironment): readonly Filing[] {
    return this.since(0).filter((filing) => filing.reportId === reportId && filing.environment === environment)
  }

  /** Whether a report of this id was finished at a host. */
  hasFinished(remoteReportId: string, environment: ReportEnvironment): boolean {
    const isIt = (attempt: Attempt) => attempt.state === "finished" && attempt.remoteReportId === remoteReportId
    return this.since(0).some((filing) => filing.environment === environment && filing.attempts.some(isIt))
  }

  /** Filings with events after one. */
  since(seq: number): readonly Filing[] {
    return [...this.#filings.values()].filter((filing) => filing.seq > seq)
  }

  #begin({ seq, data }: AuditEvent): void {
    const {
      grantId,
      reportId,
      environment,
      documentSha256,
      grantSha256,
      files: count,
    } = data as unknown as Filing & {
      readonly files: unknown
    }
    // A use that was repeated after a kill has its files twice; the last ones count.
    const files = (this.#files.get(grantId) ?? []).slice(-Number(count) || Number.POSITIVE_INFINITY)
    this.#files.delete(grantId)
    const isAutomatic = data["purpose"] === "automatic-filing"
    const authorisationId = isAutomatic ? (data["authorisationId"] as string) : undefined
    const begun = {
      grantId,
      reportId,
      environment,
      documentSha256,
      grantSha256,
      isAutomatic,
      ...compact({ authorisationId }),
    }
    this.#filings.set(grantId, { ...begun, files, attempts: [], seq })
  }

  #addFile(grantId: string, { data }: AuditEvent): void {
    const { evidenceId, ciphertextSha256, detailsSha256 } = data as unknown as z.infer<typeof GrantedFile>
    const files = this.#files.get(grantId) ?? []
    this.#files.set(grantId, [...files, { evidenceId, ciphertextSha256, detailsSha256 }])
  }
}

function attemptsAfter(attempts: readonly Attempt[], { type, at, data }: AuditEvent): readonly Attempt[] {
  const attempt = Number(data["attempt"])
  if (type === "filing.opening") {
    const begun = { attempt, state: "opening" as const, isRetracting: false, isBatched: data["batched"] === true }
    return [...attempts, { ...begun, files: new Map(), at }]
  }
  return attempts.map((known) => (known.attempt === attempt ? { ...known, ...changeBy(known, type, data), at } : known))
}

type Data = AuditEvent["data"]

function changeBy(attempt: Attempt, type: string, data: Data): Partial<Attempt> {
  switch (type) {
    case "filing.opened":
      return { state: "opened", remoteReportId: data["remoteReportId"] as string }
    case "filing.refused":
      return { state: "refused" }
    case "filing.abandoned":
      return { state: "abandoned" }
    case "filing.finishing":
      return { state: "finishing" }
    case "filing.not-finished":
      return { state: "opened" }
    case "filing.finished":
      return { state: "finished", isRetracting: false }
    case "filing.retracting":
      return { isRetracting: true }
    case "filing.not-retracted":
      return { isRetracting: false }
    case "filing.retracted":
      return { state: "retracted", isRetracting: false }
    default:
      return fileChangeBy(attempt, type, data)
  }
}

function fileChangeBy(attempt: Attempt, type: string, data: Data): Partial<Attempt> {
  const evidenceId = data["evidenceId"]
  if (typeof evidenceId !== "string") return {}
  const files = new Map(attempt.files)
  const before = files.get(evidenceId)
  switch (type) {
    case "filing.uploading":
      files.set(evidenceId, { state: "uploading" })
      break
    case "filing.not-uploaded":
      files.delete(evidenceId)
      break
    case "filing.uploaded":
      files.set(evidenceId, {
        state: "uploaded",
        fileId: data["fileId"] as string,
        content: data["content"] as string,
      })
      break
    case "filing.describing":
      files.set(evidenceId, { ...before, state: "describing" })
      break
    case "filing.not-described":
      files.set(evidenceId, { ...before, state: "uploaded" })
      break
    case "filing.described":
      files.set(evidenceId, { ...before, state: "described" })
      break
    case "filing.file-failed":
      files.set(evidenceId, { ...before, state: "failed" })
      break
    default:
      return {}
  }
  return { files }
}

/** One attempt of one filing. */
export interface AttemptStep {
  readonly grantId: string
  readonly attempt: number
}
