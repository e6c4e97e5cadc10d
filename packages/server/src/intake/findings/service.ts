import {
  type FindingLine,
  MAX_FINDING_LINE_BYTES,
  MAX_FINDING_LINES,
  type RECEIVED_STATES,
} from "@nightlight/contract/server"
import { type Clock, compact, hasCode, RequestError } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault/seal"
import type { Kysely } from "kysely"
import type { Actor } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import type { SealedEvidence } from "../../platform/evidence-store/sealed-evidence.ts"
import { readable } from "../../platform/http/unread-bodies.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import { raiseOldKeyAlarm } from "../sources/handover.ts"
import type { LiveSource, Sources } from "../sources/types.ts"
import { checkLine } from "./check-line.ts"
import { type Batch, ingestBatch, missingEvidenceOf, scanKey } from "./ingest-batch.ts"
import { ingestOwn } from "./ingest-own.ts"
import { readLines } from "./lines.ts"
import {
  casesOfScan,
  countOfScan,
  countReceived,
  findByEvidence,
  findInState,
  findOfScan,
  findOwn,
  markEvidence,
  recordReplacedEvidence,
  reopenDeniedFor,
} from "./store.ts"
import { type AlarmPort, type Intake, VERIFY_FINDING } from "./types.ts"
import { FALSE_POSITIVE_CODE } from "./verify-finding.ts"

/** Dependencies of {@link createIntake}. */
export interface IntakeDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly digests: KeyedDigest
  readonly jobs: Jobs
  readonly evidence: SealedEvidence
  readonly sources: Sources
  readonly alarms: AlarmPort
  /** Largest sealed file, bytes; 2 GiB by default. */
  readonly maxEvidenceBytes?: number
}

const BATCH_LINES = 200
/** This many refused lines in one call are no accident. */
const MANY_REFUSED = 10
const MAX_EVIDENCE_BYTES = 2 * 1024 * 1024 * 1024
const RECEIVED_PAGE = 1000
const LIST_PAGE = 200

/** Stores 200 findings in a transaction. Those before an error stay. Many refused ones in a call raise an alarm. */
export function createIntake(deps: IntakeDeps): Intake {
  const { db, clock, digests, jobs, evidence, sources, alarms, maxEvidenceBytes = MAX_EVIDENCE_BYTES } = deps

  const push: Intake["push"] = async (actor, body, assertAllowed) => {
    const source = await sources.ofKey(actor)
    const told: FindingLine[] = []
    const take = async (lines: Batch["lines"]): Promise<void> => {
      if (lines.length === 0) return
      await assertAllowed?.()
      told.push(...(await ingestBatch(deps, { actor: actor.id, source: source.id, lines })))
    }
    try {
      let batch: Batch["lines"][number][] = []
      for await (const { number, bytes } of readLines(readable(body), MAX_FINDING_LINE_BYTES)) {
        if (bytes !== undefined && isBlank(bytes)) continue
        if (told.length + batch.length === MAX_FINDING_LINES) {
          await take(batch)
          throw new RequestError("body_too_large", "too many findings in one call: the ones before were stored", {
            details: { lines: MAX_FINDING_LINES },
          })
        }
        batch.push({ number, checked: checkLine(bytes, source) })
        if (batch.length < BATCH_LINES) continue
        await take(batch)
        batch = []
      }
      await take(batch)
    } finally {
      await recordRefused(source, told)
    }
    const count = (status: FindingLine["status"]) => told.filter((line) => line.status === status).length
    return { accepted: count("accepted"), known: count("known"), refused: count("refused"), lines: told }
  }

  async function recordRefused(source: LiveSource, told: readonly FindingLine[]): Promise<void> {
    if (told.some(({ code }) => code === "key_replaced")) await raiseOldKeyAlarm(alarms, source)
    const refused = told.filter(({ status }) => status === "refused").length
    if (refused < MANY_REFUSED) return
    await alarms.raiseNow({ code: "findings-refused", subject: source.id, data: { refused } })
  }

  /** The evidence of the calling source, and whether its sealed file is still missing. */
  async function named(actor: Actor, evidenceId: string) {
    const source = await sources.ofKey(actor)
    const rows = await findByEvidence(db, source.id, evidenceId)
    return { source, rows, waiting: rows.find((row) => missingEvidenceOf(row) !== undefined) }
  }

  const receiveEvidence: Intake["receiveEvidence"] = async (actor, evidenceId, body, assertAllowed) => {
    const { source, rows, waiting } = await named(actor, evidenceId)
    const row = waiting ?? rows[0]
    const ciphertext = row?.ciphertext_sha256 ?? null
    if (row === undefined || ciphertext === null) throw new RequestError("not_found", "no finding names this evidence")
    if (waiting === undefined) return { evidence: evidenceId, bytes: await drained(body, maxEvidenceBytes) }
    const kept = await evidence
      .receive(
        compact({
          evidenceId,
          ciphertext: body,
          ciphertextSha256: ciphertext,
          maxBytes: maxEvidenceBytes,
          replaces: row.replaces === null ? undefined : row.replaces,
        }),
      )
      .catch(async (error: unknown) => {
        if (hasCode(error, "state_conflict")) {
          await alarms.raiseNow({ code: "evidence-conflict", subject: source.id, data: { evidence: evidenceId } })
        }
        throw error
      })
    // A file that was here already is still read to the end: a sender that is still writing would take the silence for
    // a failure.
    await drained(body, maxEvidenceBytes)
    await assertAllowed?.()
    await transact(deps, actor.id, async ({ trx, record }) => {
      const at = clock.now()
      const marked = await markEvidence(trx, { source: source.id, evidence: evidenceId, ciphertext, at })
      if (marked.length === 0) {
        // The findings may have arrived again with another sealed file while this one was on its way.
        const records = rows
          .filter((named) => missingEvidenceOf(named) === ciphertext)
          .map(({ record_id }) => record_id)
        return recordReplacedEvidence(trx, { records, evidence: evidenceId, ciphertext })
      }
      record({
        type: "evidence.received",
        subject: evidenceId,
        data: { source: source.id, ciphertext, bytes: kept.ciphertextBytes },
      })
      for (const received of marked) await jobs.enqueue(trx, VERIFY_FINDING, { received }, { singletonKey: received })
    })
    return { evidence: evidenceId, bytes: kept.ciphertextBytes }
  }

  return {
    push,
    receiveEvidence,
    knowsOwn: async (source, findingId, withContent) => {
      const row = await findOwn(db, source, findingId)
      return row !== undefined && row.state !== "refused" && (row.content === true || !withContent)
    },
    ingestOwn: (actor, caseItem) => ingestOwn(deps, actor, caseItem),
    mayReceive: async (actor, evidenceId) => (await named(actor, evidenceId)).rows.length > 0,
    received: async (actor, { scan, after = "" }) => {
      const source = await sources.ofKey(actor)
      const key = scanKey(digests, source.id, scan)
      const rows = await findOfScan(db, { source: source.id, scanKey: key, after, limit: RECEIVED_PAGE })
      const last = rows.length === RECEIVED_PAGE ? rows.at(-1)?.finding_id : undefined
      return compact({
        findings: rows.map((row) => {
          const wants = missingEvidenceOf(row)
          return compact({ finding: row.finding_id, state: row.state, wants })
        }),
        next: last,
      })
    },
    reopenSuppressed: ({ trx }) => reopenDeniedFor(trx, FALSE_POSITIVE_CODE),
    ofScan: async (source, scan) => {
      const key = scanKey(digests, source, scan)
      const counted = new Map((await countOfScan(db, source, key)).map(({ state, findings }) => [state, findings]))
      const countOf = (state: (typeof RECEIVED_STATES)[number]) => counted.get(state) ?? 0
      return {
        byState: {
          waiting: countOf("waiting"),
          verified: countOf("verified"),
          denied: countOf("denied"),
          refused: countOf("refused"),
          kept: countOf("kept"),
        },
        cases: await casesOfScan(db, source, key),
      }
    },
    counts: async () => ({
      counts: (await countReceived(db)).map(({ source_id, state, code, findings }) =>
        compact({
          source: source_id,
          state,
          code: code === null ? undefined : code,
          findings,
        }),
      ),
    }),
    list: async ({ state, after = "" }) => {
      const rows = await findInState(db, { state, after, limit: LIST_PAGE })
      const last = rows.length === LIST_PAGE ? rows.at(-1)?.record_id : undefined
      return compact({
        findings: rows.map((row) =>
          compact({
            record: row.record_id,
            source: row.source_id,
            finding: row.finding_id,
            origin: row.origin,
            decision: row.decision,
            state: row.state,
            code: row.code === null ? undefined : row.code,
            notes: row.notes,
            receivedAt: row.received_at.toISOString(),
            case: row.case_id === null ? undefined : row.case_id,
          }),
        ),
        next: last,
      })
    },
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
}

/** Reads a stream to its end and discards it. */
async function drained(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number> {
  let bytes = 0
  for await (const chunk of readable(body)) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new RequestError("body_too_large", "the sealed file is too large")
  }
  return bytes
}
