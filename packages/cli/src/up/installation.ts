/**
 * The processes of an installation, started in order and stopped in the opposite one.
 * @module
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { databaseFromEnvironment, ensureServerFolder } from "@nightlight/server/config"
import {
  holdDataFolder,
  type KeptDatabase,
  keepEmbedded,
  keepRunning,
  type LogFiles,
  openLogFiles,
  otherDatabase,
  type Part,
  type PartEvent,
  runOnce,
} from "@nightlight/server/up"
import { custodianSocket, keepCustodian } from "./custodian.ts"

/** What {@link startInstallation} takes. */
export interface InstallationOptions {
  readonly dataDir: string
  /** Port of the server; the configuration's unless given. */
  readonly port: number | undefined
  /** Port of the metrics; the configuration's unless given. */
  readonly adminPort: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onEvent: (event: PartEvent) => void
  /** The custodian's passphrase, where somebody gave it. */
  readonly passphrase: string | undefined
  /** Told when the custodian was unlocked, or why not. */
  readonly onUnlocked: (problem: string | undefined) => void
  /** Told the link by which the first administrator comes in, while there is none. */
  readonly onSetupLink: (link: SetupLink) => void
  readonly signal: AbortSignal
}

/** A link that works once. */
export interface SetupLink {
  readonly url: string
  readonly expiresAt: string
}

/** An installation that runs. */
export interface Installation {
  readonly port: number
  readonly adminPort: number | undefined
  readonly database: KeptDatabase
  /** Stops everything: requests and jobs under way are finished first. */
  stop(): Promise<void>
}

const SERVER_GRACE_MS = 30_000
const WORKER_GRACE_MS = 45_000

/**
 * Starts everything on a data folder and resolves when calls are answered.
 *
 * @throws {DependencyError} `locked` if an installation runs there already; `unavailable` if a part does not start.
 * @throws {RequestError} `config_invalid`.
 */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { dataDir, signal } = options
  const hold = await holdDataFolder(join(dataDir, "run", "up.lock"))
  const undo: (() => Promise<void>)[] = [() => hold.release()]
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const logs = await openLogFiles(join(dataDir, "logs"), ["custodian", "migrations", "server", "worker"])
    undo.push(() => logs.close())
    const { config } = await ensureServerFolder(join(dataDir, "server"), await custodianSocket(dataDir))
    const running = await startParts({ ...options, config, logs }, undo)
    signal.throwIfAborted()
    return { ...running, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Prepared extends InstallationOptions {
  readonly config: string
  readonly logs: LogFiles
}

async function startParts(prepared: Prepared, undo: (() => Promise<void>)[]): Promise<Omit<Installation, "stop">> {
  const { dataDir, port, adminPort, onEvent, env, signal } = prepared
  const parts: Part[] = []
  const other = databaseFromEnvironment(env)
  const database =
    other === undefined
      ? await keepEmbedded(join(dataDir, "postgres"), onEvent, () => {
          for (const part of parts) part.restart()
        })
      : otherDatabase(other)
  undo.push(() => database.stop())
  const custodian = keepCustodian(prepared)
  undo.push(() => custodian.stop())
  signal.throwIfAborted()
  await migrate(prepared, database)
  signal.throwIfAborted()
  const inputOf = (more: object) => `${JSON.stringify({ database: database.current().app, ...more })}\n`
  // A port that the system chose stays the same when the server starts again.
  let chosen = { ...(port !== undefined && { port }), ...(adminPort !== undefined && { adminPort }) }
  const worker = keepPart(prepared, { name: "worker", graceMs: WORKER_GRACE_MS, input: () => inputOf({}) })
  const server = keepPart(prepared, {
    ...{ name: "server", graceMs: SERVER_GRACE_MS },
    input: () => inputOf(chosen),
  })
  for (const part of [worker, server]) {
    parts.push(part)
    undo.push(() => part.stop())
  }
  const stopped = () => {
    for (const part of parts) void part.stop()
  }
  signal.addEventListener("abort", stopped, { once: true })
  const [ready] = await Promise.all([server.ready, worker.ready]).finally(() =>
    signal.removeEventListener("abort", stopped),
  )
  chosen = { port: ready.port ?? 0, ...(ready.adminPort !== undefined && { adminPort: ready.adminPort }) }
  await offerSetup(prepared, { database: database.current().app, port: chosen.port })
  return { port: ready.port ?? 0, adminPort: ready.adminPort, database }
}

async function migrate({ config, dataDir, logs }: Prepared, database: KeptDatabase): Promise<void> {
  const { app, owner } = database.current()
  // Another server may be migrated by another hand; the worker waits until it is.
  if (owner === undefined) return
  await runOnce("migrations", {
    ...{ entry: entryOf("migrations"), args: [config, "--supervised"], cwd: dataDir, log: logs.of("migrations") },
    input: `${JSON.stringify({ database: app, owner })}\n`,
  })
}

async function offerSetup({ config, dataDir, logs, onSetupLink }: Prepared, start: object): Promise<void> {
  const said = await runOnce("set-up", {
    ...{ entry: entryOf("setup"), args: [config, "--supervised"], cwd: dataDir, log: logs.of("server") },
    input: `${JSON.stringify(start)}\n`,
  })
  for (const line of said) if (line.event === "setup-link") onSetupLink(line)
}

interface PartInput {
  readonly name: "server" | "worker"
  readonly graceMs: number
  readonly input: () => string
}

function keepPart({ config, dataDir, logs, onEvent }: Prepared, { name, graceMs, input }: PartInput): Part {
  const entry = entryOf(name)
  const rest = { entry, args: [config, "--supervised"], cwd: dataDir, log: logs.of(name) }
  return keepRunning({ name, graceMs, command: () => ({ ...rest, input: input() }) }, onEvent)
}

const ENTRIES = {
  migrations: import.meta.resolve("@nightlight/server/migrate-main"),
  server: import.meta.resolve("@nightlight/server/server-main"),
  setup: import.meta.resolve("@nightlight/server/setup-main"),
  worker: import.meta.resolve("@nightlight/server/worker-main"),
} as const

function entryOf(name: keyof typeof ENTRIES): string {
  return fileURLToPath(ENTRIES[name])
}
