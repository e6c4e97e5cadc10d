/**
 * The CyberTipline's answers to the calls of a report, for people who may read its content: receipts, Request-IDs, ids,
 * digests, and the reasons of a refusal.
 * @module
 */
import { createHash } from "node:crypto"
import type { FilingAnswer } from "@nightlight/contract/custodian"
import type { FilingAnswerView } from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import { decodeXml } from "@nightlight/cybertipline"
import type { Kysely } from "kysely"
import type { z } from "zod"
import type { Tables } from "../../../platform/db/tables.ts"
import type { SealedReports } from "../content/sealed.ts"
import { type AnsweredStep, readAnswers } from "../filing/filing-store.ts"
import { readReport } from "../store.ts"
import type { ReportId } from "../types.ts"

/** Characters of an answer that the list shows; the bytes are read one answer at a time. */
const SHOWN_CHARACTERS = 20_000

/** Dependencies of reading answers. */
export interface AnswerDeps {
  readonly db: Kysely<Tables>
  readonly sealed: Pick<SealedReports, "openAnswers">
}

interface OpenedAnswer {
  readonly step: AnsweredStep
  readonly answer: FilingAnswer
}

/**
 * Reads the answers to a report's calls, in the order of the calls.
 *
 * @throws {RequestError} `not_found` if there is no such report, or its case's key was destroyed.
 */
export async function listAnswers(deps: AnswerDeps, reportId: ReportId): Promise<z.input<typeof FilingAnswerView>[]> {
  return (await openAnswers(deps, reportId)).map(toAnswerView)
}

/**
 * Reads one answer byte for byte, in base64.
 *
 * @throws {RequestError} `not_found` as {@link listAnswers}, and if that call brought no bytes.
 */
export async function readReceived(deps: AnswerDeps, reportId: ReportId, ordinal: number): Promise<string> {
  const [opened] = await openAnswers(deps, reportId, ordinal)
  if (opened === undefined || !("received" in opened.answer) || opened.answer.received === undefined) {
    throw new RequestError("not_found", "there is no stored answer to that call")
  }
  return opened.answer.received
}

async function openAnswers(
  { db, sealed }: AnswerDeps,
  reportId: ReportId,
  ordinal?: number,
): Promise<readonly OpenedAnswer[]> {
  const report = await readReport(db, reportId)
  if (report === undefined) throw new RequestError("not_found", "there is no such report")
  const steps = await readAnswers(db, reportId, ordinal)
  const answers = await sealed.openAnswers(
    db,
    report,
    steps.map(({ sealed: bytes }) => bytes),
  )
  return steps.flatMap((step, place) => {
    const answer = answers[place]
    return answer === undefined ? [] : [{ step, answer }]
  })
}

function toAnswerView({ step, answer }: OpenedAnswer): z.input<typeof FilingAnswerView> {
  const { retryable: _, received, ...said } = { retryable: undefined, received: undefined, ...answer }
  const shown = received === undefined ? {} : shownOf(Buffer.from(received, "base64"))
  return {
    ...said,
    ordinal: step.ordinal,
    attempt: step.attempt,
    call: step.step.call,
    startedAt: step.startedAt.toISOString(),
    ...compact({ evidenceId: "evidenceId" in step.step ? step.step.evidenceId : undefined }),
    ...shown,
  }
}

function shownOf(bytes: Buffer) {
  const text = decodeXml(bytes)
  return {
    text: text.slice(0, SHOWN_CHARACTERS),
    receivedBytes: bytes.length,
    receivedSha256: createHash("sha256").update(bytes).digest("hex"),
  }
}
