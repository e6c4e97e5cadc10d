/**
 * Brings a database's schema to this version's: numbered SQL files, each applied once, in order, whole or not at all.
 * @module
 */
import { compact, DependencyError, RequestError } from "@nightlight/core"
import { Client, type PoolConfig } from "pg"
import { toDatabaseError } from "./errors.ts"
import { MIGRATIONS_DIR, type Migration, readMigrations } from "./migration-files.ts"

/** Advisory lock for migrating. */
const LOCK_KEY = 0x6e69_6768_746c

const VERSION_MIN = 150_000

/** Options of {@link migrate}. */
export interface MigrateOptions {
  /** The folder of the SQL files; this version's by default. */
  readonly dir?: string
  /** Applies only this many, from the first; all by default. */
  readonly count?: number
}

/** Result of {@link migrate}. */
export interface MigrateResult {
  /** Names of the migrations applied now, in order. */
  readonly applied: readonly string[]
  /** How many the database had before. */
  readonly before: number
}

/**
 * Applies what is missing. Of several processes that do so at once, one works and the others wait, then find nothing to
 * do.
 *
 * @param config - Connects as the role that owns the schema.
 * @throws {RequestError} `state_conflict` if the database is newer than this version or an applied file was changed since;
 *   nothing is applied then. `config_invalid` if the server is older than PostgreSQL 15.
 * @throws {DependencyError} With `details.migration` and, where known, `details.sqlState` and `details.line` of the file,
 *   if one fails: those before it stay applied. `unavailable` if the database cannot be reached.
 */
export async function migrate(config: PoolConfig, options: MigrateOptions = {}): Promise<MigrateResult> {
  const migrations = (await readMigrations(options.dir ?? MIGRATIONS_DIR)).slice(0, options.count)
  const client = new Client({ application_name: "nightlight migrate", ...config })
  client.on("error", () => undefined)
  try {
    await client.connect()
    return await migrateLocked(client, migrations)
  } catch (error) {
    throw toDatabaseError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function migrateLocked(client: Client, migrations: readonly Migration[]): Promise<MigrateResult> {
  await assertVersion(client)
  // The session holds it, so it is free again when this process ends, however it ends.
  await client.query("SELECT pg_advisory_lock($1)", [LOCK_KEY])
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       name text PRIMARY KEY,
       sha256 text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  )
  const { rows } = await client.query<AppliedRow>("SELECT name, sha256 FROM schema_migrations ORDER BY name")
  assertSameHistory(rows, migrations)
  const pending = migrations.slice(rows.length)
  for (const migration of pending) await apply(client, migration)
  return { applied: pending.map(({ name }) => name), before: rows.length }
}

interface AppliedRow {
  readonly name: string
  readonly sha256: string
}

async function assertVersion(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  )
  const version = rows[0]?.version ?? 0
  if (version < VERSION_MIN) {
    throw new RequestError("config_invalid", "the database server is older than PostgreSQL 15", {
      details: { version },
    })
  }
}

/** The applied migrations must be the first files of this version, unchanged. */
function assertSameHistory(rows: readonly AppliedRow[], migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  const unknown = rows.filter(({ name }) => !known.has(name))
  if (unknown.length > 0) {
    throw new RequestError("state_conflict", "the database was made by a newer version of this program", {
      details: { unknownMigrations: unknown.length },
      hint: "Install the version that last ran on this database, or a later one.",
    })
  }
  for (const [index, { name, sha256 }] of rows.entries()) {
    if (known.get(name)?.sha256 !== sha256) {
      throw new RequestError("state_conflict", "a migration was changed after it was applied", {
        details: { migration: name },
      })
    }
    if (migrations[index]?.name !== name) {
      throw new RequestError("state_conflict", "a migration has a lower number than one that was applied before", {
        details: { migration: migrations[index]?.name ?? "" },
      })
    }
  }
}

async function apply(client: Client, { name, sql, sha256 }: Migration): Promise<void> {
  await client.query("BEGIN")
  try {
    await client.query(sql)
    await client.query("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", [name, sha256])
    await client.query("COMMIT")
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined)
    throw migrationError(error, name, sql)
  }
}

/** The error of a migration, with the failed line of its file: the file is ours, so it reveals no data. */
function migrationError(error: unknown, migration: string, sql: string): DependencyError {
  const ours = toDatabaseError(error)
  const code = ours instanceof DependencyError ? ours.code : "answer_malformed"
  const position = Number((error as { position?: unknown }).position)
  const line = position > 0 ? sql.slice(0, position - 1).split("\n").length : undefined
  return new DependencyError(code, `migration ${migration} failed: ${ours.message}`, {
    details: compact({ ...ours.details, migration, line }),
  })
}
