/**
 * State of each part of the installation, as the home screen shows it.
 * @module
 */

import { compact } from "@nightlight/core"
import type { Kysely } from "kysely"
import { toDangerCall } from "../../casework/cases/call-view.ts"
import type { Guards } from "../../intake/guards/types.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { CopyLag } from "../../platform/events/copies/lag.ts"
import { type LogSigning, readSigning } from "../../platform/events/signing.ts"
import { readWorkerSign, type WorkerSign } from "../../platform/jobs/worker-sign.ts"
import type { PagerCall } from "../../staff/pager/types.ts"
import type { Health } from "../health/state.ts"
import { type FilingTerms, filingHoldOf } from "../operations/filing-gate.ts"
import { isFilingPaused } from "../operations/filing-pause.ts"
import { type BackupTimes, readBackupTimes } from "../operations/watch-backups.ts"
import { readOpenRestore } from "../restores/open-restore.ts"

import type { HomePorts, ListAge, PartsHealth } from "./types.ts"

/** Dependencies of {@link readParts}. */
export interface PartsDeps {
  readonly db: Kysely<Tables>
  readonly config: FilingTerms
  readonly health: () => Promise<Health>
  readonly lists: HomePorts["lists"]
  readonly copies: () => Promise<readonly CopyLag[]>
  readonly pager: () => Promise<{ readonly isSet: boolean; readonly last: PagerCall | undefined }>
  /** Absent if no guard reports here. */
  readonly guards?: () => Promise<GuardsSeen>
}

/** Reads the state of each part. A part that does not answer is unknown, which is no error. */
export async function readParts({ db, config, health, lists, copies, pager, guards }: PartsDeps): Promise<PartsHealth> {
  const [parts, live, worker, seen, signing, paused, calls, lags, backups, restore] = await Promise.all([
    health(),
    lists(),
    readWorkerSign(db).catch(() => undefined),
    guards?.().catch(() => undefined),
    readSigning(db),
    isFilingPaused(db),
    pager(),
    copies(),
    readBackupTimes(db),
    readOpenRestore(db),
  ])
  const { database, custodian, custody, isolation, decoding, custodianIsolation, custodianDecoding } = parts
  const why = filingHoldOf({ paused, custody, decoding, custodianDecoding, config })
  return {
    server: "running",
    database,
    custodian,
    custody,
    decoding: {
      server: { isolation, state: decoding },
      custodian: { isolation: custodianIsolation, state: custodianDecoding },
    },
    worker: workerOf(worker),
    lists:
      live === undefined
        ? { state: parts.lists }
        : { state: parts.lists, version: live.version, ...agesOf(live.lists) },
    guards: guardsOf(seen),
    filing: compact({
      environment: config.reports.environment,
      paused: why !== undefined,
      why,
    }),
    pager: compact({
      state: calls.isSet ? "set" : "none",
      last: calls.last === undefined ? undefined : toDangerCall(calls.last),
    }),
    log: signingOf(signing),
    checkpointCopies: lags.map(copyOf),
    backup: backupOf(backups),
    restore: restore === undefined ? { open: false } : { open: true, restoredAt: restore.restoredAt.toISOString() },
  }
}

function backupOf({ at, drilledAt }: BackupTimes): PartsHealth["backup"] {
  return compact({
    state: at === undefined ? "unknown" : "known",
    at: at?.toISOString(),
    drilledAt: drilledAt?.toISOString(),
  })
}

function workerOf(sign: WorkerSign | undefined): PartsHealth["worker"] {
  if (sign === undefined) return { state: "unknown" }
  return compact({ state: sign.state, seenAt: sign.seenAt?.toISOString() })
}

function guardsOf(seen: GuardsSeen | undefined): PartsHealth["guards"] {
  if (seen === undefined) return { state: "unknown" }
  const { reporting, unready, silent, seenAt } = seen
  const state = silent > 0 ? "silent" : unready > 0 ? "unready" : reporting > 0 ? "reporting" : "none"
  return compact({ state, reporting, unready, silent, seenAt: seenAt?.toISOString() })
}

function signingOf({ unsigned, signedAt }: LogSigning): PartsHealth["log"] {
  return compact({ unsigned, signedAt: signedAt?.toISOString() })
}

function copyOf({ place, state, waiting, waitingSince, copiedAt, failingSince, fault }: CopyLag) {
  return compact({
    place,
    state,
    waiting,
    waitingSince: waitingSince?.toISOString(),
    copiedAt: copiedAt?.toISOString(),
    failingSince: failingSince?.toISOString(),
    fault,
  })
}

/** Ages of the lists that are not test lists. */
function agesOf(all: readonly ListAge[]): Omit<PartsHealth["lists"], "state" | "version"> {
  const lists = all.filter(({ trust }) => trust !== "test")
  const dated = lists.flatMap(({ asOf }) => (asOf === undefined || Number.isNaN(Date.parse(asOf)) ? [] : [asOf]))
  const [oldestAsOf] = dated.toSorted((a, b) => Date.parse(a) - Date.parse(b))
  return compact({
    lists: lists.length,
    withoutAsOf: lists.length - dated.length,
    oldestAsOf,
  })
}

/** Reported state of the guards of all sources together. */
export interface GuardsSeen {
  /** Number of guards with a recent heartbeat; of those among them that take no calls; and of those that are late. */
  readonly reporting: number
  readonly unready: number
  readonly silent: number
  readonly seenAt: Date | undefined
}

/** Counts the guards of all sources by state. */
export async function guardsSeen(guards: Pick<Guards, "list">): Promise<GuardsSeen> {
  const { sources } = await guards.list({ kind: "system", id: "system-home" })
  const all = sources.flatMap((source) => source.guards)
  const [newest] = all.map(({ lastSeenAt }) => Date.parse(lastSeenAt)).toSorted((a, b) => b - a)
  const reporting = all.filter(({ state }) => state === "running" || state === "draining")
  return {
    reporting: reporting.length,
    unready: reporting.filter(({ ready }) => !ready).length,
    silent: all.filter(({ state }) => state === "late").length,
    seenAt: newest === undefined ? undefined : new Date(newest),
  }
}
