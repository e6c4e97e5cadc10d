/**
 * Makes the expected catalogue: migrates a new database of the same PostgreSQL and reads it the same way.
 * @module
 */
import { rm } from "node:fs/promises"
import { RequestError } from "@nightlight/core"
import { launch } from "../../postgres/launch.ts"
import { layoutOf } from "../../postgres/layout.ts"
import { openSingleUser } from "../../postgres/single-user.ts"
import type { Schema } from "../ports.ts"
import { type Catalogue, readCatalogue } from "./read-catalogue.ts"

/** The database is thrown away, so it needs no durability. */
const THROWN_AWAY = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" }

/**
 * Migrates a new database by a backup's migrations, reads its catalogue and removes it.
 *
 * @param workDir - A folder for this database alone; must not exist.
 * @param migrations - Migrations that the backup's database lists.
 * @throws {RequestError} `state_conflict` if another version of the program made the backup, with other migrations.
 */
export async function expectedCatalogue(
  workDir: string,
  migrations: Catalogue["migrations"],
  schema: Schema,
): Promise<Catalogue> {
  const known = await schema.migrations()
  const isOurs = migrations.every(
    ({ name, sha256 }, index) => known[index]?.name === name && known[index]?.sha256 === sha256,
  )
  if (!isOurs || migrations.length === 0) {
    throw new RequestError("state_conflict", "the backup's database has other migrations than this version", {
      hint: "Restore it with the version of the program that made it, then upgrade.",
    })
  }
  try {
    const server = await launch({ dataDir: workDir, settings: THROWN_AWAY, initdbArgs: ["--no-sync"] })
    try {
      await schema.migrate(server, migrations.length)
    } finally {
      await server.stop()
    }
    return await readCatalogue(await openSingleUser(layoutOf(workDir)))
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}
