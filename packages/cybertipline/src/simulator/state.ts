import { randomBytes } from "node:crypto"
import { RESPONSE_CODES } from "../client/response-codes.ts"

/** A file as the simulator knows it: its bytes are hashed and dropped. */
export interface SimulatedFile {
  readonly fileId: string
  readonly md5: string
  readonly sha256: string
  readonly sizeBytes: number
  /** From the upload's form. */
  readonly fileName: string
  /** The `<fileDetails>` document, once there is one. */
  readonly details?: string
}

/** A report as the simulator knows it. */
export interface SimulatedReport {
  readonly reportId: string
  readonly state: "open" | "finished" | "retracted" | "expired"
  readonly openedAt: string
  readonly finishedAt?: string
  readonly isBatched: boolean
  /** The `<report>` document. */
  readonly xml: string
  readonly files: readonly SimulatedFile[]
}

/** Facts about an uploaded file. The simulator drops its bytes. */
export type ReceivedFile = Pick<SimulatedFile, "md5" | "sha256" | "sizeBytes" | "fileName">

/** A report that can be changed, or the response code that says why not. */
export type Found = { readonly report: SimulatedReport } | { readonly code: number }

const HOUR_MS = 3_600_000
const FIRST_ID = 400_000_001

interface Held {
  report: SimulatedReport
  readonly openedMs: number
  changedMs: number
}

/** Reports in memory, with the lifetimes of the service. */
export class ReportStore {
  readonly #held = new Map<string, Held>()
  readonly #now: () => Date
  readonly #firstId: number

  constructor(now: () => Date, firstId = FIRST_ID) {
    this.#now = now
    this.#firstId = firstId
  }

  /** Every report, oldest first. */
  all(): SimulatedReport[] {
    return [...this.#held.values()].map((held) => this.#aged(held))
  }

  open(xml: string, isBatched: boolean): SimulatedReport {
    const now = this.#now()
    const reportId = String(this.#firstId + this.#held.size)
    const openedAt = now.toISOString()
    const report: SimulatedReport = { reportId, state: "open", openedAt, isBatched, xml, files: [] }
    this.#held.set(reportId, { report, openedMs: now.getTime(), changedMs: now.getTime() })
    return report
  }

  /** Finds a report that can still be changed. */
  findOpen(reportId: string): Found {
    const held = this.#held.get(reportId)
    if (held === undefined) return { code: RESPONSE_CODES.reportUnknown }
    const report = this.#aged(held)
    switch (report.state) {
      case "open":
        return { report }
      case "finished":
        return { code: RESPONSE_CODES.reportFinished }
      case "retracted":
        return { code: RESPONSE_CODES.reportRetracted }
      case "expired":
        return { code: RESPONSE_CODES.reportUnknown }
      default:
        return report.state satisfies never
    }
  }

  addFile({ reportId }: SimulatedReport, received: ReceivedFile): SimulatedFile {
    const file = { fileId: randomBytes(16).toString("hex"), ...received }
    this.#change(reportId, (report) => ({ ...report, files: [...report.files, file] }))
    return file
  }

  describe({ reportId }: SimulatedReport, fileId: string, details: string): void {
    this.#change(reportId, (report) => ({
      ...report,
      files: report.files.map((file) => (file.fileId === fileId ? { ...file, details } : file)),
    }))
  }

  finish({ reportId }: SimulatedReport): void {
    const finishedAt = this.#now().toISOString()
    this.#change(reportId, (report) => ({ ...report, state: "finished", finishedAt }))
  }

  retract({ reportId }: SimulatedReport): void {
    this.#change(reportId, (report) => ({ ...report, state: "retracted" }))
  }

  #change(reportId: string, change: (report: SimulatedReport) => SimulatedReport): void {
    const held = this.#held.get(reportId)
    if (held === undefined) return
    held.report = change(held.report)
    held.changedMs = this.#now().getTime()
  }

  /** An open report lives for 24 hours, and in any case for one hour after its last change. */
  #aged(held: Held): SimulatedReport {
    const endsMs = Math.max(held.openedMs + 24 * HOUR_MS, held.changedMs + HOUR_MS)
    if (held.report.state === "open" && this.#now().getTime() > endsMs) {
      held.report = { ...held.report, state: "expired" }
    }
    return held.report
  }
}
