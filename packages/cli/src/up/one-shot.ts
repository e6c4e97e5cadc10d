/**
 * Processes that do one thing and end: migrations, and actions of host commands.
 * @module
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compact, DependencyError } from "@nightlight/core"
import {
  type InstallationUsers,
  type LogFiles,
  type OnProgress,
  openLogFiles,
  runOnce,
  withEmbedded,
} from "@nightlight/launcher"
import { databaseFromEnvironment } from "@nightlight/server/config"
import { assertInstallation } from "./assert-installation.ts"
import { usersOf } from "./users.ts"

/** Paths of an installation. */
export interface Place {
  readonly dataDir: string
  /** Path of server.yaml. */
  readonly config: string
  readonly logs: LogFiles
  /** The OS users, where the processes run as separate ones. */
  readonly users?: InstallationUsers | undefined
}

/** Paths of the processes' modules. */
export const ENTRIES = {
  migrations: fileURLToPath(import.meta.resolve("@nightlight/server/migrate-main")),
  host: fileURLToPath(import.meta.resolve("@nightlight/server/host-main")),
  server: fileURLToPath(import.meta.resolve("@nightlight/server/server-main")),
  worker: fileURLToPath(import.meta.resolve("@nightlight/server/worker-main")),
} as const

/**
 * Migrates the database to this version, or to the first `count` migrations; skips a database without an owner
 * connection here, which is migrated elsewhere.
 */
export async function migrate(
  { config, dataDir, logs, users }: Place,
  { app, owner }: { readonly app: object; readonly owner: object | undefined },
  count?: number,
): Promise<void> {
  if (owner === undefined) return
  await runOnce("migrations", {
    entry: ENTRIES.migrations,
    args: [config, "--supervised"],
    cwd: dataDir,
    log: logs.of("migrations"),
    user: users?.server,
    input: `${JSON.stringify(compact({ database: app, owner, migrations: count }))}\n`,
  })
}

const ACTIONS_OF_THE_CALLER: ReadonlySet<string> = new Set(["verify-log", "export-log"])

/**
 * Runs one action of the host's as a process of its own.
 *
 * @param action - As the server's start line names it.
 * @returns What came of it.
 * @throws as `runOnce`, with the process's own words.
 */
export async function runHostAction(
  { config, dataDir, logs, users }: Place,
  start: { readonly database: object; readonly port?: number },
  action: { readonly name: string; readonly [detail: string]: string | readonly string[] },
  onProgress?: OnProgress,
): Promise<Readonly<Record<string, unknown>>> {
  const said = await runOnce(
    "command",
    {
      entry: ENTRIES.host,
      args: [config, "--supervised"],
      cwd: dataDir,
      log: logs.of("host"),
      // A process that reads or writes elsewhere does so as the user who ran the command.
      user: ACTIONS_OF_THE_CALLER.has(action.name) ? undefined : users?.server,
      input: `${JSON.stringify({ ...start, action })}\n`,
    },
    onProgress,
  )
  const line = said.find(({ event }) => event === "result")
  if (line?.event !== "result") throw new DependencyError("answer_malformed", "the command printed nothing")
  return line.result as Readonly<Record<string, unknown>>
}

/** Runs a host command on an installation, whether it runs or not. */
export async function runAction(
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
  action: Parameters<typeof runHostAction>[2],
  onProgress?: OnProgress,
): Promise<Readonly<Record<string, unknown>>> {
  await assertInstallation(dataDir)
  const users = await usersOf(dataDir)
  const logs = await openLogFiles(join(dataDir, "logs"), ["host"])
  const place: Place = { dataDir, config: join(dataDir, "server", "server.yaml"), logs, users }
  try {
    const other = databaseFromEnvironment(env)
    if (other !== undefined) return await runHostAction(place, { database: other.app }, action, onProgress)
    return await withEmbedded(dataDir, ({ app }) => runHostAction(place, { database: app }, action, onProgress))
  } finally {
    await logs.close()
  }
}
