/**
 * The processes of an installation, started in order and stopped in the opposite one.
 * @module
 */
import { join } from "node:path"
import { databaseFromEnvironment, ensureServerFolder } from "@nightlight/server/config"
import {
  holdDataFolder,
  type KeptDatabase,
  keepEmbedded,
  keepRunning,
  openLogFiles,
  otherDatabase,
  type Part,
  type PartEvent,
} from "@nightlight/server/up"
import { custodianSocket, keepCustodian } from "./custodian.ts"
import { ENTRIES, migrate, type Place, runHostAct } from "./one-shot.ts"

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
    const logs = await openLogFiles(join(dataDir, "logs"), ["custodian", "host", "migrations", "server", "worker"])
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

interface Prepared extends InstallationOptions, Place {}

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
  await migrate(prepared, database.current())
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
  const link = await runHostAct(
    prepared,
    { database: database.current().app, port: ready.port ?? 0 },
    { name: "setup-link" },
  )
  if (typeof link["url"] === "string") prepared.onSetupLink({ url: link["url"], expiresAt: String(link["expiresAt"]) })
  return { port: ready.port ?? 0, adminPort: ready.adminPort, database }
}

interface PartInput {
  readonly name: "server" | "worker"
  readonly graceMs: number
  readonly input: () => string
}

function keepPart({ config, dataDir, logs, onEvent }: Prepared, { name, graceMs, input }: PartInput): Part {
  const entry = ENTRIES[name]
  const rest = { entry, args: [config, "--supervised"], cwd: dataDir, log: logs.of(name) }
  return keepRunning({ name, graceMs, command: () => ({ ...rest, input: input() }) }, onEvent)
}
