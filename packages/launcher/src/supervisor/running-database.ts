/**
 * Access to a data folder's database for commands other than the supervisor: the running one, or one started for the
 * command.
 * @module
 */
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { Client, type PoolConfig } from "pg"
import { finishSwap } from "../backup/restore-swap.ts"
import { layoutOf } from "../postgres/layout.ts"
import { readPostmasterFile } from "../postgres/leftovers.ts"
import { APP_ROLE, DATABASE, OWNER_ROLE } from "../postgres/roles.ts"
import { readSecrets } from "../postgres/secrets.ts"
import { PORT } from "../postgres/settings.ts"
import { startPostgres } from "../postgres.ts"
import { holdDataFolder } from "./hold-folder.ts"

/** A command's connections to the database. */
export interface DatabaseAccess {
  readonly app: PoolConfig
  readonly owner: PoolConfig
  readonly superuser: PoolConfig
  /** Whether the installation runs. */
  readonly isUp: boolean
}

/**
 * Runs work with the embedded database of a data folder. If nothing runs there, the folder is locked and the database
 * started for the duration of the work.
 *
 * @throws {DependencyError} `locked` if an installation is just starting; as `startPostgres`.
 */
export async function withEmbedded<Result>(
  dataDir: string,
  work: (access: DatabaseAccess) => Promise<Result>,
): Promise<Result> {
  const running = await findRunning(dataDir)
  if (running !== undefined) return work({ ...running, isUp: true })
  const hold = await holdDataFolder(join(dataDir, "run", "up.lock"))
  try {
    return await withStarted(dataDir, work)
  } finally {
    await hold.release()
  }
}

/**
 * Starts the embedded database for the duration of the work. The caller must hold the data folder's lock.
 *
 * @throws As `startPostgres`.
 */
export async function withStarted<Result>(
  dataDir: string,
  work: (access: DatabaseAccess) => Promise<Result>,
): Promise<Result> {
  await finishSwap(dataDir)
  const started = await startPostgres({ dataDir: join(dataDir, "postgres") })
  try {
    const { app, owner, superuser } = started
    return await work({ app, owner, superuser, isUp: false })
  } finally {
    await started.stop()
  }
}

async function findRunning(dataDir: string): Promise<Omit<DatabaseAccess, "isUp"> | undefined> {
  const layout = layoutOf(join(dataDir, "postgres"))
  const [file, secrets] = await Promise.all([readPostmasterFile(layout.cluster), readSecrets(layout.secrets)])
  if (file === undefined || secrets === undefined) return undefined
  const as = (user: string, password: string): PoolConfig => ({
    host: file.socketDir,
    port: PORT,
    user,
    password,
    database: DATABASE,
  })
  const found = {
    app: as(APP_ROLE, secrets.app),
    owner: as(OWNER_ROLE, secrets.owner),
    superuser: as("postgres", secrets.superuser),
  }
  return (await answers(found.app)) ? found : undefined
}

async function answers(config: PoolConfig): Promise<boolean> {
  const client = new Client({ ...(config as object), connectionTimeoutMillis: 5_000 })
  client.on("error", () => undefined)
  try {
    await client.connect()
    return true
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "57P03") {
      throw new DependencyError("unavailable", "the database is just starting or stopping: try again")
    }
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
