/**
 * A real PostgreSQL for tests. One server serves all test files of a run: the first file that needs it starts it, and a
 * keeper process stops it when the run ends in any way. Each file gets its own database, copied from a migrated one.
 * @module
 */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdir, open, readFile, realpath } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { isMainThread } from "node:worker_threads"
import { ensureDatabase } from "@nightlight/launcher/postgres"
import { Client, type PoolConfig } from "pg"
import { afterAll, beforeAll } from "vitest"
import { type Database, openDatabase } from "../../../server/src/platform/db/pool.ts"
import type { Tables } from "../../../server/src/platform/db/tables.ts"
import { TEST_AUTHORITY } from "./authority.ts"
import { type Ready, readReady, TEMPLATE } from "./postgres-ready.ts"

const KEEPER = fileURLToPath(new URL("./postgres-keeper.ts", import.meta.url))
const START_TIMEOUT_MS = 60_000

/** A test database could not be made; the message holds the keeper's log. */
export class TestDatabaseError extends Error {
  override name = "TestDatabaseError"
}

/** One test file's database; usable inside hooks and tests. */
export interface TestDatabase<DB = Tables> {
  readonly name: string
  /** Connects as the role that owns the schema. */
  readonly owner: PoolConfig
  /** Connects as the running service. */
  readonly app: PoolConfig
  /** Connects as the server's superuser. */
  readonly superuser: PoolConfig
  /** Connected as the running service. */
  readonly database: Database<DB>
}

/** Options of {@link useDatabase}. */
export interface UseDatabaseOptions {
  /** Whether the database is migrated. Default: true. */
  readonly migrated?: boolean
}

/**
 * Gives the surrounding file or `describe` its own database, made before the first test and dropped after the last.
 * Must be called outside of tests.
 */
export function useDatabase<DB = Tables>(options: UseDatabaseOptions = {}): TestDatabase<DB> {
  let made: (TestDatabase<DB> & { readonly drop: () => Promise<void> }) | undefined
  const get = () => {
    if (made === undefined) throw new TestDatabaseError("the database exists in hooks and tests only")
    return made
  }
  beforeAll(async () => {
    made = await createDatabase<DB>(options)
  })
  afterAll(async () => {
    await made?.drop()
  })
  return {
    get name() {
      return get().name
    },
    get owner() {
      return get().owner
    },
    get app() {
      return get().app
    },
    get superuser() {
      return get().superuser
    },
    get database() {
      return get().database
    },
  }
}

/** As {@link useDatabase}, for code without hooks. The caller must drop it. */
export async function createDatabase<DB = Tables>({ migrated = true }: UseDatabaseOptions = {}) {
  const ready = await ensureServer()
  const name = `test_${randomBytes(6).toString("hex")}`
  await asSuperuser(ready, (client) => ensureDatabase(client, name, migrated ? TEMPLATE : "template0"))
  const of = (config: PoolConfig): PoolConfig => ({ ...config, database: name })
  const database = openDatabase<DB>(of(ready.app), TEST_AUTHORITY)
  return {
    name,
    database,
    owner: of(ready.owner),
    app: of(ready.app),
    superuser: of(ready.superuser),
    drop: async () => {
      await database.close()
      await asSuperuser(ready, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
    },
  }
}

async function asSuperuser(ready: Ready, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ ...ready.superuser, database: "postgres" })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** Process id of the whole run: Vitest's main process, also inside its workers. */
const RUN_PID = isMainThread ? process.ppid : process.pid

let server: Promise<Ready> | undefined

function ensureServer(): Promise<Ready> {
  server ??= startOnce()
  return server
}

async function startOnce(): Promise<Ready> {
  const parent = await realpath(tmpdir())
  const folder = join(parent, `nightlight-test-pg-${process.getuid?.() ?? 0}-${RUN_PID}`)
  // The worker that makes the folder starts the keeper.
  const first = await mkdir(folder, { mode: 0o700 }).then(
    () => true,
    () => false,
  )
  if (first) await startKeeper(folder)
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const ready = await readReady(folder)
    if (ready !== undefined) return ready
    if (performance.now() > deadline) throw new TestDatabaseError(await keeperLog(folder))
    await wait(20)
  }
}

async function startKeeper(folder: string): Promise<void> {
  const log = await open(join(folder, "keeper.log"), "w", 0o600)
  const child = spawn(process.execPath, ["-C", "@nightlight/source", KEEPER, folder, String(RUN_PID)], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  })
  child.unref()
  await log.close()
}

async function keeperLog(folder: string): Promise<string> {
  return `the test server did not start: ${await readFile(join(folder, "keeper.log"), "utf8").catch(() => "no log")}`
}
