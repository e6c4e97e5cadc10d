/**
 * Verifies log and database without being asked, so that a row that somebody changed is noticed though nobody uses it: a
 * case that was hidden as decided, say. The worker's own timer sets it off, which stands in no database.
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

export interface RegularVerificationDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly custodian: Pick<CustodianClient, "state" | "enrolledKeys">
  readonly alarms: Pick<Alarms, "raiseNow">
  readonly log: Pick<Logger, "info" | "warn">
  readonly everyHours: number
  /** Who signs approvals. */
  readonly signing?: SigningRule
}

/** Verifications that nobody asks for. */
export interface RegularVerification {
  /**
   * Verifies if the last such verification, by whichever worker, is long enough ago. What differs raises
   * `log-differs` or `row-untrusted`, which names the first row.
   *
   * @returns What it came to; `undefined` if it was not due.
   * @throws {DependencyError} `unavailable` if the database does not answer.
   */
  runIfDue(signal?: AbortSignal): Promise<DatabaseVerification | undefined>
}

const SYSTEM = "system-audit"

export function createRegularVerification(deps: RegularVerificationDeps): RegularVerification {
  const { db, clock, custodian, alarms, log, everyHours, signing } = deps

  const isDue = async (): Promise<boolean> => {
    const now = clock.now().getTime()
    const last = await readLast(db)
    if (last === undefined) return true
    const ageMs = now - Date.parse(last.at)
    // One from a time to come was written by a clock that stood ahead.
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

/** The last verification that nobody asked for; none where its event is not what was written. */
async function readLast(db: Kysely<Tables>): Promise<AuditEvent | undefined> {
  const query = { type: "audit.verified", actor: SYSTEM, order: "newest", limit: 1 } as const
  const [last] = await readEvents(db, query).catch((error: unknown) => {
    if (error instanceof IntegrityError) return []
    throw error
  })
  return last
}

/** The custodian's checkpoint keys; `undefined` where it does not answer, so that the rest is verified without it. */
async function checkpointKeysIfAny(custodian: Pick<CustodianClient, "state">): Promise<CheckpointKeys | undefined> {
  try {
    const { checkpointKey } = await custodian.state()
    return checkpointKey === undefined ? undefined : readCheckpointKeys(checkpointKey)
  } catch (error) {
    if (error instanceof DependencyError) return undefined
    throw error
  }
}

/** How often the worker asks whether it is due. */
const WATCH_MS = 5 * 60_000

/**
 * Has it run when it is due, by this process's own timer.
 *
 * @returns Ends the watch, and a verification that is under way.
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
