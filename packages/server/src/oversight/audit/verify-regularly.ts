/**
 * Verifies log and database on a schedule, so that a changed row is noticed even if nobody uses it, such as a case
 * hidden as decided. The worker's own timer starts it, which no database row can change.
 * @module
 */
import { type Clock, compact, DependencyError, HOUR_MS, IntegrityError } from "@nightlight/core"
import { type AuditEvent, type CheckpointKeys, readCheckpointKeys } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Logger } from "pino"
import { subjectOfRow } from "../../platform/authority/watch-rows.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { transact } from "../../platform/events/transact.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { SigningRule } from "../../staff/approvals/signing.ts"
import { approvalWitnessIfAny } from "../../staff/approvals/verify-proofs.ts"
import { type DatabaseVerification, verifyDatabase } from "./verify-database.ts"

/** Dependencies of {@link createRegularVerification}. */
export interface RegularVerificationDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly custodian: Pick<CustodianClient, "state" | "enrolledKeys">
  readonly alarms: Pick<Alarms, "raiseNow">
  readonly log: Pick<Logger, "info" | "warn">
  readonly everyHours: number
  /** Who must sign approvals. */
  readonly signing?: SigningRule
}

/** Verifies log and database on a schedule that all workers share. */
export interface RegularVerification {
  /**
   * Verifies if the last scheduled verification, by whichever worker, is long enough ago. A difference raises
   * `log-differs` or `row-untrusted`, which names the first row.
   *
   * @returns The result; `undefined` if it was not due.
   * @throws {DependencyError} `unavailable` if the database does not answer.
   */
  runIfDue(signal?: AbortSignal): Promise<DatabaseVerification | undefined>
}

const SYSTEM = "system-audit"

/** Creates the verification. The time of the last one is read from the log. */
export function createRegularVerification(deps: RegularVerificationDeps): RegularVerification {
  const { db, clock, custodian, alarms, log, everyHours, signing } = deps

  const isDue = async (): Promise<boolean> => {
    const now = clock.now().getTime()
    const last = await readLast(db)
    if (last === undefined) return true
    const ageMs = now - Date.parse(last.at)
    // A time in the future was written by a clock that ran ahead.
    return ageMs < 0 || ageMs >= everyHours * HOUR_MS
  }

  return {
    runIfDue: async (signal) => {
      if (!(await isDue())) return undefined
      const verifier = await checkpointKeysIfAny(custodian)
      const witness = await approvalWitnessIfAny(custodian)
      const result = await verifyDatabase(db, compact({ verifier, witness, signing, signal }))
      const { ok, events, problem, row } = result
      if (problem !== undefined) {
        const data = { fault: problem.code, seq: problem.seq }
        await alarms.raiseNow({ code: "log-differs", subject: "installation", data })
      }
      if (row !== undefined) {
        const data = { table: row.table, fault: row.what }
        await alarms.raiseNow({ code: "row-untrusted", subject: subjectOfRow(row), data })
      }
      await transact(deps, SYSTEM, async ({ record }) => {
        record({
          type: "audit.verified",
          subject: "log",
          data: { ok, events, withCheckpoints: verifier !== undefined },
        })
      })
      if (ok) log.info({ events }, "database verified")
      else log.warn({ code: "row_untrusted", events }, "database differs from its log")
      return result
    },
  }
}

/** The last scheduled verification; none if its event was altered. */
async function readLast(db: Kysely<Tables>): Promise<AuditEvent | undefined> {
  const query = { type: "audit.verified", actor: SYSTEM, order: "newest", limit: 1 } as const
  const [last] = await readEvents(db, query).catch((error: unknown) => {
    if (error instanceof IntegrityError) return []
    throw error
  })
  return last
}

/** The custodian's checkpoint keys; `undefined` if it does not answer, so that the rest is verified without them. */
async function checkpointKeysIfAny(custodian: Pick<CustodianClient, "state">): Promise<CheckpointKeys | undefined> {
  try {
    const { checkpointKey } = await custodian.state()
    return checkpointKey === undefined ? undefined : readCheckpointKeys(checkpointKey)
  } catch (error) {
    if (error instanceof DependencyError) return undefined
    throw error
  }
}

/** How often the worker checks whether it is due. */
const WATCH_MS = 5 * 60_000

/**
 * Runs it when it is due, by this process's own timer.
 *
 * @returns Ends the watch, and a running verification.
 */
export function watchDatabase(verification: RegularVerification, log: Pick<Logger, "warn">): () => void {
  const stop = new AbortController()
  let isRunning = false
  const timer = setInterval(() => {
    if (isRunning) return
    isRunning = true
    void verification
      .runIfDue(stop.signal)
      .catch(() => {
        if (!stop.signal.aborted) log.warn({ code: "unavailable" }, "database not verified")
      })
      .finally(() => {
        isRunning = false
      })
  }, WATCH_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    stop.abort()
  }
}
