import { compact } from "@nightlight/core"
import { launch, type RunningPostgres } from "./launch.ts"

/** What {@link startPostgres} takes. */
export interface StartPostgresOptions {
  /** Everything the server keeps, 0700; made when missing. */
  readonly dataDir: string
  /** The socket's folder, 0700; a folder in `dataDir` unless given, or below `/tmp` where that path is too long. */
  readonly runDir?: string
}

/**
 * Starts the embedded PostgreSQL on a data folder, with the roles and the database of an installation, and resolves
 * when it takes connections. A server that a killed process left there is stopped first; after a crash the server
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
