import { compact } from "@nightlight/core"
import { launch, type RunningPostgres } from "./launch.ts"

/** Folders of the embedded PostgreSQL. */
export interface StartPostgresOptions {
  /** The server's files, 0700; made if it is missing. */
  readonly dataDir: string
  /** The socket's folder, 0700. Default: a folder in `dataDir`, or below `/tmp` if that path is too long. */
  readonly runDir?: string
}

/**
 * Starts the embedded PostgreSQL on a data folder, with the roles and the database of an installation, and resolves
 * when it accepts connections. A server that a killed process left there is stopped first; after a crash the server
 * recovers. Nothing listens on a network.
 *
 * @throws {DependencyError} `locked` if a server runs there already; `unavailable` if the programs are missing or the
 *   server does not come up; `timed_out`, `disk_full`, `write_failed`.
 * @throws {RequestError} `config_invalid` if a folder cannot be used, naming it; `state_conflict` if another major
 *   version of PostgreSQL made the database.
 * @throws {IntegrityError} `key_unusable` if the passwords of an existing database are gone.
 */
export function startPostgres({ dataDir, runDir }: StartPostgresOptions): Promise<RunningPostgres> {
  return launch(compact({ dataDir, runDir }))
}
