/**
 * Starts the processes of an installation in order, and stops them in reverse order.
 * @module
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import {
  finishSwap,
  holdDataFolder,
  type KeptDatabase,
  keepEmbedded,
  openLogFiles,
  otherDatabase,
  type Part,
  type PartEvent,
  removeUnfinishedRestores,
} from "@nightlight/launcher"
import { databaseFromEnvironment, ensureServerFolder, readServerConfig } from "@nightlight/server/config"
import { backUp } from "./backup.ts"
import { keepBackups, readSchedule } from "./backup-schedule.ts"
import { findConsole } from "./console.ts"
import { custodianSocket, keepCustodian, type Unlocking } from "./custodian.ts"
import { moveSocket } from "./move-socket.ts"
import { type Place, runHostAction } from "./one-shot.ts"
import { startService } from "./service.ts"
import { type PreparedUsers, prepareUsers, sharedSocket } from "./users.ts"

/** Options of {@link startInstallation}. */
export interface InstallationOptions {
  readonly dataDir: string
  /** Port of the server; the configuration's unless given. */
  readonly port: number | undefined
  /** Port of the metrics; the configuration's unless given. */
  readonly adminPort: number | undefined
  /** Whether the processes run as separate users; once they do, they always do. */
  readonly wantsUsers?: boolean
  /** Called with the OS users. */
  readonly onUsers?: (settled: PreparedUsers & { readonly changedCustodian: boolean }) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onEvent: (event: PartEvent) => void
  /**
   * Creates what is missing in the folder, which is locked by then. Returns the custodian's passphrase, if one was
   * given.
   */
  readonly prepare: () => Promise<string | undefined>
  readonly unlocking: Unlocking
  /** Whether {@link prepare} asks a person; nothing else is printed meanwhile. */
  readonly asks: boolean
  /** Called when the custodian was unlocked, or with the reason why not. */
  readonly onUnlocked: (problem: string | undefined) => void
  /** Called with the link for the first administrator, while there is none. */
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
  /** Whether the console was built; else only the API is served. */
  readonly hasConsole: boolean
  /** Stops everything after requests and jobs in progress are finished. */
  stop(): Promise<void>
}

/** Steps that undo what was done, last one first. */
type Undo = (() => Promise<unknown>)[]

/** Starts everything on a data folder and resolves when calls are answered. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const undo: Undo = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    return { ...(await start(options, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(options: InstallationOptions, undo: Undo): Promise<Omit<Installation, "stop">> {
  const { dataDir, signal } = options
  const configPath = join(dataDir, "server", "server.yaml")
  // An unusable configuration is reported before anything starts.
  if (existsSync(configPath)) await readServerConfig(configPath)
  const hold = await holdDataFolder(join(dataDir, "run", "up.lock"))
  undo.push(() => hold.release())
  const logs = await openLogFiles(join(dataDir, "logs"), ["custodian", "host", "migrations", "server", "worker"])
  undo.push(() => logs.close())
  const users = await prepareUsers(dataDir, options.wantsUsers === true)
  const parts: Part[] = []
  const asked = options.asks ? { passphrase: await options.prepare() } : undefined
  // Started while keys are made: both take a second or two on a new folder.
  const starting = startDatabase(options, parts)
  undo.push(async () => (await starting.catch(() => undefined))?.stop())
  const { passphrase } = asked ?? { passphrase: await options.prepare() }
  const socket = users === undefined ? await custodianSocket(dataDir) : sharedSocket(dataDir)
  const config = (await ensureServerFolder(join(dataDir, "server"), socket)).config
  if (users !== undefined) options.onUsers?.({ ...users, ...(await moveSocket(dataDir, users)) })
  const custodian = keepCustodian({ ...options, logs, passphrase, users })
  undo.push(() => custodian.stop())
  const database = await starting
  signal.throwIfAborted()
  const place: Place = { dataDir, config, logs, users }
  const consoleDir = await findConsole()
  const service = await startService(place, { ...options, database, consoleDir, parts, undo })
  const schedule = databaseFromEnvironment(options.env) === undefined ? await readSchedule(dataDir) : undefined
  if (schedule !== undefined) {
    const backups = keepBackups(dataDir, schedule, (toDir) => backUp(dataDir, toDir, options.env), options.onEvent)
    undo.push(() => backups.stop())
  }
  await offerSetup(place, options, { database: database.current().app, port: service.port })
  signal.throwIfAborted()
  return { ...service, hasConsole: consoleDir !== undefined }
}

/** The embedded database, unless the environment names another. */
async function startDatabase(
  { dataDir, env, onEvent }: InstallationOptions,
  parts: readonly Part[],
): Promise<KeptDatabase> {
  const other = databaseFromEnvironment(env)
  if (other !== undefined) return otherDatabase(other)
  await finishSwap(dataDir)
  await removeUnfinishedRestores(dataDir)
  return keepEmbedded(join(dataDir, "postgres"), onEvent, () => {
    for (const part of parts) part.restart()
  })
}

async function offerSetup(
  place: Place,
  { onSetupLink }: InstallationOptions,
  start: { readonly database: object; readonly port: number },
): Promise<void> {
  const { url, expiresAt } = await runHostAction(place, start, { name: "setup-link" })
  if (typeof url === "string") onSetupLink({ url, expiresAt: String(expiresAt) })
}
