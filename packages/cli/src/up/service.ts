/**
 * The server and the worker of an installation.
 * @module
 */
import { compact } from "@nightlight/core"
import { type KeptDatabase, keepRunning, type Part, type PartEvent } from "@nightlight/launcher"
import { ENTRIES, migrate, type Place } from "./one-shot.ts"

/** Options of {@link startService}. */
export interface ServiceOptions {
  readonly database: KeptDatabase
  readonly port: number | undefined
  readonly adminPort: number | undefined
  /** Folder of the built console. */
  readonly consoleDir: string | undefined
  readonly onEvent: (event: PartEvent) => void
  readonly signal: AbortSignal
  /** Receives the parts, which must restart when the database moves. */
  readonly parts: Part[]
  /** Receives the steps that stop them. */
  readonly undo: (() => Promise<unknown>)[]
}

const SERVER_GRACE_MS = 30_000
const WORKER_GRACE_MS = 45_000

/** Migrates the database to this version, then keeps server and worker running. Resolves when both are ready. */
export async function startService(
  place: Place,
  options: ServiceOptions,
): Promise<{ readonly port: number; readonly adminPort: number | undefined }> {
  const { database, port, adminPort, consoleDir, signal, parts, undo } = options
  await migrate(place, database.current())
  signal.throwIfAborted()
  const inputOf = (more: object) => `${JSON.stringify({ database: database.current().app, ...more })}\n`
  // A port chosen by the system stays the same when the server restarts.
  let chosen = compact({ port, adminPort })
  const keep = (name: "server" | "worker", graceMs: number, input: () => string): Part => {
    const fixed = {
      entry: ENTRIES[name],
      args: [place.config, "--supervised"],
      cwd: place.dataDir,
      log: place.logs.of(name),
      user: place.users?.server,
    }
    const part = keepRunning({ name, graceMs, command: () => ({ ...fixed, input: input() }) }, options.onEvent)
    parts.push(part)
    undo.push(() => part.stop())
    return part
  }
  const worker = keep("worker", WORKER_GRACE_MS, () => inputOf({}))
  const server = keep("server", SERVER_GRACE_MS, () => inputOf({ ...chosen, consoleDir }))
  const stop = () => {
    for (const part of [server, worker]) void part.stop()
  }
  signal.addEventListener("abort", stop, { once: true })
  try {
    const [ready] = await Promise.all([server.ready, worker.ready])
    chosen = compact({ port: ready.port ?? 0, adminPort: ready.adminPort })
    return { port: ready.port ?? 0, adminPort: ready.adminPort }
  } finally {
    signal.removeEventListener("abort", stop)
  }
}
