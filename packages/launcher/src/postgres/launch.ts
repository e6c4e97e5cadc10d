/**
 * Runs one PostgreSQL server on a data folder: fills a new folder, stops the remains of an earlier start, starts, and
 * stops.
 * @module
 */
import type { ChildProcess } from "node:child_process"
import { IntegrityError, RequestError } from "@nightlight/core"
import type { HeldLock } from "@nightlight/durable"
import type { PoolConfig } from "pg"
import { type Binaries, findBinaries } from "./binaries.ts"
import { clearConfiguration } from "./configuration.ts"
import { connectWhenReady } from "./connect.ts"
import { ensureDataDir } from "./folders.ts"
import { holdFolder } from "./hold.ts"
import { assertReachable, type Identity, identityFor } from "./identity.ts"
import { clusterVersion, createCluster } from "./initialise.ts"
import { type Layout, layoutOf } from "./layout.ts"
import { clearSocketLock, type Leftover, stopLeftovers } from "./leftovers.ts"
import { boundLog, LOG_BYTES_MAX, LOG_CHECK_MS, openLog } from "./log-file.ts"
import { APP_ROLE, DATABASE, ensureRoles, OWNER_ROLE } from "./roles.ts"
import { type Exit, exitOf, runProgram } from "./run.ts"
import { createSecrets, readSecrets, type Secrets } from "./secrets.ts"
import { PORT, type Settings, serverSettings, settingsArguments } from "./settings.ts"
import { makeSocketDir, removeShortSocketDir } from "./socket-dir.ts"
import { stopServer } from "./stop.ts"

/** Options of {@link launch}, for installations and tests. */
export interface LaunchOptions {
  /** The server's files, 0700; made if it is missing. */
  readonly dataDir: string
  /** The socket's folder, 0700. Default: a folder in `dataDir`, or below `/tmp` if that path is too long. */
  readonly runDir?: string
  readonly identity?: Identity
  readonly settings?: Settings
  readonly initdbArgs?: readonly string[]
}

/** A running server. */
export interface RunningPostgres {
  /** For migrations. */
  readonly owner: PoolConfig
  /** For the running service. */
  readonly app: PoolConfig
  /** For backups and the launcher's own work. */
  readonly superuser: PoolConfig
  /** Process id of the server's main process. */
  readonly pid: number
  /** Remains of an earlier server that the start found. */
  readonly leftover: Leftover
  /** Resolves when the server has ended for any reason; never rejects. */
  readonly exited: Promise<Exit>
  /** Ends all sessions, writes everything, and resolves when the server has ended. Safe to call again. */
  stop(): Promise<void>
}

interface Prepared {
  readonly layout: Layout
  readonly binaries: Binaries
  readonly identity: Identity
}

/**
 * Starts a server on a data folder and resolves when it accepts connections.
 *
 * @throws {DependencyError} `locked` if a server runs there already; `unavailable` if the programs are missing or the
 *   server does not come up; `timed_out`, `disk_full`, `write_failed`.
 * @throws {RequestError} `config_invalid` if a folder cannot be used, naming it; `state_conflict` if another major
 *   version of PostgreSQL made the database.
 * @throws {IntegrityError} `key_unusable` if the passwords of an existing database are gone.
 */
export async function launch(options: LaunchOptions): Promise<RunningPostgres> {
  const binaries = await findBinaries()
  const identity = options.identity ?? (await identityFor(options.dataDir))
  const layout = layoutOf(await ensureDataDir(options.dataDir, identity))
  await assertReachable(identity, [layout.root, binaries.dir])
  const hold = await holdFolder(layout)
  try {
    return await launchHeld({ layout, binaries, identity }, options, hold)
  } catch (error) {
    await hold.release().catch(() => undefined)
    throw error
  }
}

async function launchHeld(prepared: Prepared, options: LaunchOptions, hold: HeldLock): Promise<RunningPostgres> {
  const { layout, identity } = prepared
  const log = await openLog(layout.log)
  try {
    const leftover = await stopLeftovers(layout.cluster)
    const secrets = await ensureCluster(prepared, log.fd, options.initdbArgs ?? [])
    const sockets = identity.kind === "user" ? identity.sockets : undefined
    const socketDir = await makeSocketDir(sockets?.dir ?? layout.run, options.runDir, identity)
    await clearSocketLock(socketDir, layout.cluster)
    await clearConfiguration(layout, identity)
    const settings = settingsArguments({
      ...serverSettings(socketDir, sockets !== undefined),
      ...options.settings,
    })
    const child = runProgram([prepared.binaries.postgres, "-D", layout.cluster, ...settings], {
      identity,
      cwd: layout.cluster,
      output: log.fd,
    })
    return await supervise({ child, layout, secrets, socketDir, leftover, hold })
  } finally {
    await log.close()
  }
}

/** Makes the cluster of a new folder. Its passwords are written first, so that they are never missing. */
async function ensureCluster(
  { layout, binaries, identity }: Prepared,
  output: number,
  initdbArgs: readonly string[],
): Promise<Secrets> {
  const kept = await readSecrets(layout.secrets)
  const version = await clusterVersion(layout)
  if (version !== undefined && version !== binaries.major) {
    throw new RequestError("state_conflict", "the database was made by another major version of PostgreSQL", {
      details: { database: version, installed: binaries.major },
      hint: "Run the version of this program that made it, or move the data to another server and set DATABASE_URL.",
    })
  }
  if (version !== undefined && kept === undefined) {
    throw new IntegrityError("key_unusable", "the database is there but the file of its passwords is gone", {
      hint: `Put ${layout.secrets} back from a backup.`,
    })
  }
  const secrets = kept ?? (await createSecrets(layout.secrets))
  if (version === undefined) {
    await createCluster({
      layout,
      binaries,
      identity,
      output,
      initdbArgs,
      superuserPassword: secrets.superuser,
    })
  }
  return secrets
}

interface Started {
  readonly child: ChildProcess
  readonly layout: Layout
  readonly secrets: Secrets
  readonly socketDir: string
  readonly leftover: Leftover
  readonly hold: HeldLock
}

async function supervise({ child, layout, secrets, socketDir, leftover, hold }: Started): Promise<RunningPostgres> {
  const logTimer = setInterval(() => void boundLog(layout.log, LOG_BYTES_MAX).catch(() => undefined), LOG_CHECK_MS)
  logTimer.unref()
  const ended = exitOf(child)
  const released = ended.then(async () => {
    clearInterval(logTimer)
    await removeShortSocketDir(socketDir)
    await hold.release()
  })
  // The caller of stop() gets the error; without one, after the server ended by itself, it is ignored.
  released.catch(() => undefined)
  const stop = async () => {
    await stopServer(child, ended)
    await released
  }
  const connectionFor = (user: string, password: string, database = DATABASE): PoolConfig => ({
    host: socketDir,
    port: PORT,
    user,
    password,
    database,
  })
  try {
    const superuser = await connectWhenReady(
      connectionFor("postgres", secrets.superuser, "postgres"),
      ended,
      layout.log,
    )
    try {
      await ensureRoles(superuser, secrets)
    } finally {
      await superuser.end()
    }
  } catch (error) {
    await stop()
    throw error
  }
  // A running server must not keep this process alive.
  child.unref()
  return {
    owner: connectionFor(OWNER_ROLE, secrets.owner),
    app: connectionFor(APP_ROLE, secrets.app),
    superuser: connectionFor("postgres", secrets.superuser),
    pid: child.pid ?? 0,
    leftover,
    exited: ended,
    stop,
  }
}
