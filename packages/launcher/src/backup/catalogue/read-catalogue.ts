/**
 * Reads the catalogue of an untrusted data folder that no server uses, by PostgreSQL in single-user mode, so that
 * nothing in it runs.
 * @module
 */
import { mkdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { toReadError, toWriteError } from "@nightlight/durable"
import { giveTo } from "../../postgres/folders.ts"
import { DATABASE } from "../../postgres/roles.ts"
import { runSingleUser, type SingleUser } from "../../postgres/single-user.ts"
import { type CatalogueQuery, CLUSTER_QUERIES, DATABASE_QUERIES, MIGRATIONS_QUERY } from "./queries.ts"

/** One entry of a catalogue. */
export interface CatalogueEntry {
  /** Database; `""` for entries of the whole cluster. */
  readonly database: string
  /** Such as `function`. */
  readonly kind: string
  readonly name: string
  readonly definition: string
}

/** Catalogue of a data folder. */
export interface Catalogue {
  readonly entries: readonly CatalogueEntry[]
  /** Names of the migrations that were applied, in order, each with its file's SHA-256. */
  readonly migrations: readonly { readonly name: string; readonly sha256: string }[]
}

/** Databases of an installation that accept connections. `template0` accepts none, which its own entry states. */
const DATABASES = [DATABASE, "postgres", "template1"]

/**
 * Reads the catalogue.
 *
 * @throws {DependencyError} `unavailable` if PostgreSQL cannot read it: the log says why.
 */
export async function readCatalogue(server: SingleUser): Promise<Catalogue> {
  const dir = join(server.layout.root, "catalogue")
  try {
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { mode: 0o700 })
    await giveTo(server.identity, dir)
  } catch (error) {
    throw toWriteError(error, "the list of the restored database's parts")
  }
  try {
    const entries: CatalogueEntry[] = []
    // Cluster entries are read first and alone, because every later start obeys them.
    const shared = await readAll(server, "postgres", CLUSTER_QUERIES, dir)
    entries.push(...shared.map((entry) => ({ ...entry, database: "" })))
    for (const database of DATABASES) entries.push(...(await readAll(server, database, DATABASE_QUERIES, dir)))
    const migrations = await readAll(server, DATABASE, [MIGRATIONS_QUERY], dir)
    return {
      entries,
      migrations: migrations
        .map(({ name, definition }) => ({ name, sha256: definition }))
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function readAll(
  server: SingleUser,
  database: string,
  queries: readonly CatalogueQuery[],
  dir: string,
): Promise<readonly CatalogueEntry[]> {
  const pathOf = (offset: number) => join(dir, `${database}-${offset}`)
  await runSingleUser(
    server,
    database,
    queries.map(({ sql }, index) => `COPY (${sql}) TO '${pathOf(index).replaceAll("'", "''")}'`),
  )
  const entries: CatalogueEntry[] = []
  for (const [index, { kind }] of queries.entries()) {
    const text = await readFile(pathOf(index), "utf8").catch((error: unknown) => {
      throw toReadError(error, "the list of the restored database's parts")
    })
    for (const line of text.split("\n")) {
      if (line === "") continue
      const [name = "", definition = ""] = line.split("\t")
      entries.push({ database, kind, name, definition })
    }
    await rm(pathOf(index))
  }
  return entries
}
