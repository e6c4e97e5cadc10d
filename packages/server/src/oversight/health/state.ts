/**
 * State of the installation's parts.
 * @module
 */
import { access } from "node:fs/promises"
import { type DecodingState, hasCode, type Isolation } from "@nightlight/core"
import { sql } from "kysely"
import type { LiveIndex } from "../../intake/lists/live-index.ts"
import { decodingOf, type IsolationTerms } from "../../platform/config/isolation.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { DiskHealth, DiskSpace } from "../../platform/db/disk-space.ts"
import type { Database } from "../../platform/db/pool.ts"

/** State of the custodian as the server sees it. */
export type CustodianHealth = "ready" | "locked" | "no-key" | "unreachable"

/** State of the installation, for the health routes and the home screen. */
export interface Health {
  /**
   * Whether calls can be answered: the database answers and has this version's tables, there is room to write, and, if
   * reports go to production, decoders are isolated or the operator accepted by name that they are not.
   */
  readonly ready: boolean
  readonly database: "ready" | "unreachable" | "not-migrated"
  /** Which disk is full, until there is room again. */
  readonly disk: DiskHealth
  readonly custodian: CustodianHealth
  /**
   * `test-only`: only test cards; `refused`: the lists in the folder did not pass their checks; `none`: nothing is
   * live.
   */
  readonly lists: "live" | "test-only" | "refused" | "none"
  /** `shared`: the custodian has no OS user of its own. Unknown while it does not answer. */
  readonly custody: "separated" | "shared" | "unknown"
  /** How far this process's decoders are isolated. Unknown while none starts. */
  readonly isolation: Isolation | "unknown"
  /** The consequence for decoding. */
  readonly decoding: DecodingState
  /** Isolation of the custodian's decoders. Unknown while it does not answer. */
  readonly custodianIsolation: Isolation | "unknown"
  readonly custodianDecoding: DecodingState
}

/** Dependencies of {@link readHealth}. */
export interface HealthDeps {
  readonly database: Database
  readonly disk: Pick<DiskSpace, "state">
  readonly custodian: CustodianClient
  readonly paths: { readonly custodianConfig: string }
  readonly index: Pick<LiveIndex, "refresh" | "state">
  readonly config: IsolationTerms
  readonly isolation: () => Promise<Isolation>
}

/** Reads the state of the parts; answers within 3 seconds whatever they do. */
export async function readHealth(deps: HealthDeps): Promise<Health> {
  const { database, disk, custodian, paths, index, config, isolation } = deps
  const [db, keeper, room = "ready", own] = await Promise.all([
    databaseHealth(database),
    within(custodian.state()),
    within(disk.state()),
    within(isolation()),
  ])
  const decoding = decodingOf(config, own)
  return {
    ready: db === "ready" && room === "ready" && decoding !== "refused",
    database: db,
    disk: room,
    custodian: keeper?.state ?? ((await isMissing(paths.custodianConfig)) ? "no-key" : "unreachable"),
    lists: listsHealth(index),
    custody: keeper?.custody ?? "unknown",
    isolation: own ?? "unknown",
    decoding,
    custodianIsolation: keeper?.isolation ?? "unknown",
    custodianDecoding: keeper?.decoding ?? "unknown",
  }
}

/** State of the lists as known now; a check for a newer index goes on meanwhile. */
function listsHealth(index: HealthDeps["index"]): Health["lists"] {
  index.refresh().catch(() => undefined)
  const { version, fault, screens } = index.state()
  if (version === undefined) return fault === undefined ? "none" : "refused"
  return screens ? "live" : "test-only"
}

/** Whether no custodian was made here yet. A custodian of another OS user is not visible, but not missing. */
async function isMissing(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    (error: unknown) => hasCode(error, "ENOENT"),
  )
}

async function databaseHealth({ kysely }: Database): Promise<Health["database"]> {
  const answer = await within(
    sql<{
      there: boolean
    }>`SELECT to_regclass('pgboss.version') IS NOT NULL AND to_regclass('events') IS NOT NULL AS there`.execute(kysely),
  )
  if (answer === undefined) return "unreachable"
  return answer.rows[0]?.there === true ? "ready" : "not-migrated"
}

/** The answer if it comes in time, else nothing: a probe never waits for a part that hangs. */
async function within<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), 3_000)
  })
  try {
    return await Promise.race([answer.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}
