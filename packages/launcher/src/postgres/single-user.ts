/**
 * Runs PostgreSQL in single-user mode: one process on the data folder, without socket and workers. In this mode a
 * server ignores settings of roles and databases (`pg_db_role_setting`) and fires no event trigger, so an untrusted
 * data folder can be read.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import { type Binaries, findBinaries } from "./binaries.ts"
import { clearConfiguration } from "./configuration.ts"
import { type Identity, identityFor } from "./identity.ts"
import type { Layout } from "./layout.ts"
import { openLog } from "./log-file.ts"
import { exitOf, runProgram } from "./run.ts"
import { serverSettings, settingsArguments } from "./settings.ts"

/** Programs, identity and paths for {@link runSingleUser}. */
export interface SingleUser {
  readonly layout: Layout
  readonly binaries: Binaries
  readonly identity: Identity
}

/** Finds what {@link runSingleUser} needs for a data folder. */
export async function openSingleUser(layout: Layout): Promise<SingleUser> {
  return { layout, binaries: await findBinaries(), identity: await identityFor(layout.root) }
}

/** Names resolve to PostgreSQL's own schema alone, and only statements write. */
const QUIET = { search_path: "pg_catalog", exit_on_error: "on", autovacuum: "off", max_wal_senders: 0 }

/**
 * Runs statements on a data folder that no server uses. The first failure ends the run.
 *
 * @param statements - Each without its semicolon, and without an empty line inside.
 * @throws {DependencyError} `unavailable` if one fails, or the folder does not recover; the log says why.
 */
export async function runSingleUser(
  { layout, binaries, identity }: SingleUser,
  database: string,
  statements: readonly string[],
): Promise<void> {
  await clearConfiguration(layout, identity)
  const log = await openLog(layout.log)
  try {
    const settings = settingsArguments({ ...serverSettings(layout.run), ...QUIET })
    const command = [binaries.postgres, "--single", "-j", "-D", layout.cluster, ...settings, database]
    const input = statements.map((statement) => `${statement};\n\n`).join("")
    const exit = await exitOf(runProgram(command, { identity, cwd: layout.cluster, output: log.fd, input }))
    if (exit.code === 0) return
    throw new DependencyError("unavailable", "PostgreSQL could not read the restored database", {
      details: { status: exit.code ?? String(exit.signal) },
      hint: `Its log says why: ${layout.log}`,
    })
  } finally {
    await log.close()
  }
}
