import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { RequestError } from "@nightlight/core"
import { toReadError } from "@nightlight/durable"

/** Folder of this version's SQL files. */
export const MIGRATIONS_DIR = fileURLToPath(new URL("../../../migrations", import.meta.url))

/** One numbered SQL file. */
export interface Migration {
  /** `0001_platform` for `0001_platform.sql`. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the file's bytes, 64 hexadecimal digits. */
  readonly sha256: string
}

const FILE = /^(\d{4}_[a-z0-9_]+)\.sql$/

/**
 * Reads the migrations of a folder in the order of their numbers.
 *
 * @throws {RequestError} `config_invalid` if two have the same number, or a `.sql` file has no number.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const files = (await readdir(dir).catch(unreadable)).filter((file) => file.endsWith(".sql")).toSorted()
  const migrations: Migration[] = []
  for (const file of files) {
    const name = FILE.exec(file)?.[1]
    if (name === undefined) throw new RequestError("config_invalid", `${file} is not named like 0001_what_it_does.sql`)
    if (migrations.at(-1)?.name.slice(0, 4) === name.slice(0, 4)) {
      throw new RequestError("config_invalid", `two migrations have the number ${name.slice(0, 4)}`)
    }
    const bytes = await readFile(join(dir, file)).catch(unreadable)
    migrations.push({ name, sql: bytes.toString("utf8"), sha256: createHash("sha256").update(bytes).digest("hex") })
  }
  return migrations
}

function unreadable(error: unknown): never {
  throw toReadError(error, "the database's migrations")
}
