/**
 * The database of an installation: the embedded one, kept running, or an external server.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { NightlightError } from "@nightlight/core"
import type { PoolConfig } from "pg"
import { type RunningPostgres, startPostgres } from "../postgres.ts"
import type { PartEvent } from "./part.ts"

/** Connections to a database by role. */
export interface DatabaseRoles {
  /** As the running service. */
  readonly app: PoolConfig
  /** As the schema's owner; `undefined` if the operator runs the migrations. */
  readonly owner: PoolConfig | undefined
}

/** A database of a running installation. */
export interface KeptDatabase {
  readonly kind: "embedded" | "other"
  /** The current connections; an embedded database may listen elsewhere after a restart. */
  readonly current: () => DatabaseRoles
  stop(): Promise<void>
}

const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 10_000

/** A database that the operator runs. */
export function otherDatabase(roles: DatabaseRoles): KeptDatabase {
  return { kind: "other", current: () => roles, stop: async () => undefined }
}

/**
 * Starts the embedded database, and restarts it whenever it ends unexpectedly.
 *
 * @param onMoved - Called after a restart that changed where it listens.
 * @throws As `startPostgres`, for the first start.
 */
export async function keepEmbedded(
  dataDir: string,
  onEvent: (event: PartEvent) => void,
  onMoved: () => void,
): Promise<KeptDatabase> {
  const stopping = new AbortController()
  const start = async (): Promise<RunningPostgres> => {
    const started = await startPostgres({ dataDir })
    onEvent({ part: "postgres", event: "ready", pid: started.pid })
    return started
  }
  let running = await start()
  const watch = async () => {
    while (!stopping.signal.aborted) {
      const { code, signal } = await running.exited
      if (stopping.signal.aborted) return
      const host = running.app.host
      onEvent({
        part: "postgres",
        event: "ended",
        status: signal ?? `status ${code ?? 0}`,
        restartMs: FIRST_RESTART_MS,
      })
      const again = await startAgain(start, stopping.signal, onEvent)
      if (again === undefined) return
      running = again
      if (running.app.host !== host) onMoved()
    }
  }
  const watching = watch()
  return {
    kind: "embedded",
    current: () => running,
    stop: async () => {
      stopping.abort()
      await running.stop()
      await watching
      // A restart may be in progress.
      await running.stop()
    },
  }
}

async function startAgain(
  start: () => Promise<RunningPostgres>,
  signal: AbortSignal,
  onEvent: (event: PartEvent) => void,
): Promise<RunningPostgres | undefined> {
  for (let restartMs = FIRST_RESTART_MS; ; restartMs = Math.min(restartMs * 2, LAST_RESTART_MS)) {
    await wait(restartMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return undefined
    try {
      return await start()
    } catch (error) {
      const { code, message } =
        error instanceof NightlightError ? error : { code: "internal", message: "an internal error" }
      onEvent({ part: "postgres", event: "failed", code, message })
    }
  }
}
