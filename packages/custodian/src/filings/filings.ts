/**
 * Filings: every step is in the journal before its call and after its answer, and the steps of a report run one after
 * another.
 * @module
 */

import type { FilingAnswer, FilingJournal, FilingJournals, FilingOpenBody } from "@nightlight/contract/custodian"
import { compact } from "@nightlight/core"
import type { z } from "zod"
import { createKeyedSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"
import { abandonReport, finishReport, retractReport } from "./endings.ts"
import { describeFile, type FileStep, type GivenDetails, uploadFile } from "./files.ts"
import type { Attempt, AttemptStep, Filing } from "./filing-book.ts"
import { openReport } from "./open-report.ts"
import type { FilingDeps } from "./types.ts"

/** Files reports. Every method throws `RequestError` as `refusal`. */
export interface Filings {
  open(body: FilingOpenBody): Promise<FilingAnswer>
  upload(step: FileStep): Promise<FilingAnswer>
  describe(step: FileStep, given: GivenDetails): Promise<FilingAnswer>
  finish(step: AttemptStep): Promise<FilingAnswer>
  retract(step: AttemptStep): Promise<FilingAnswer>
  abandon(step: AttemptStep): Promise<void>
  /** Returns the journal's record of a filing. */
  journal(grantId: string): z.infer<typeof FilingJournal>
  /** All filings with events after one. */
  journals(since: number): z.infer<typeof FilingJournals>
}

/** Files reports by grants; calls for one report wait for each other, calls for different ones do not. */
export function createFilings(deps: FilingDeps): Filings {
  // By report, not by grant: two grants for one report must not overtake each other.
  const serial = createKeyedSerial()

  function inTurn<T>(grantId: string, action: () => Promise<T>): Promise<T> {
    const filing = find(grantId)
    return serial.run(`${filing.environment} ${filing.reportId}`, action)
  }

  function find(grantId: string): Filing {
    const filing = deps.book.find(grantId)
    if (filing === undefined) throw refusal("unknown", "there is no such filing", { grantId })
    return filing
  }

  return {
    open: async (body) => {
      const { grant } = body.proven
      if (grant.purpose !== "filing" && grant.purpose !== "automatic-filing") {
        throw refusal("other-purpose", "the grant is for another action", { grantId: grant.grantId })
      }
      return serial.run(`${grant.environment} ${grant.reportId}`, () => openReport(body, deps))
    },
    upload: async (step) => inTurn(step.grantId, () => uploadFile(step, deps)),
    describe: async (step, given) => inTurn(step.grantId, () => describeFile(step, given, deps)),
    finish: async (step) => inTurn(step.grantId, () => finishReport(step, deps)),
    retract: async (step) => inTurn(step.grantId, () => retractReport(step, deps)),
    abandon: async (step) => inTurn(step.grantId, () => abandonReport(step, deps)),
    journal: (grantId) => toJournal(find(grantId)),
    journals: (since) => ({
      seq: deps.journal.seq,
      filings: deps.book.since(since).map((filing) => ({ grantId: filing.grantId, ...toJournal(filing) })),
    }),
  }
}

function toJournal({ reportId, environment, attempts }: Filing): z.infer<typeof FilingJournal> {
  return { reportId, environment, attempts: attempts.map(toEntry) }
}

function toEntry({ attempt, state, remoteReportId, isRetracting, files, at }: Attempt) {
  const isLost = [...files.values()].some((file) => ["uploading", "describing", "failed"].includes(file.state))
  const isOver = state !== "opened" && state !== "opening" && state !== "finishing"
  return compact({
    attempt,
    state,
    remoteReportId,
    doubtful: !isOver && (state !== "opened" || isRetracting || isLost),
    files: [...files].map(([evidenceId, file]) =>
      compact({
        evidenceId,
        state: file.state,
        fileId: file.fileId,
      }),
    ),
    at,
  })
}
