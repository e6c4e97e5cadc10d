/**
 * Makes a database from a backup in a separate folder and proves, before it is started as a server, that only the
 * migrations' code is in it.
 * @module
 */
import { rm } from "node:fs/promises"
import { ensureDataDir } from "../postgres/folders.ts"
import { identityFor } from "../postgres/identity.ts"
import { layoutOf } from "../postgres/layout.ts"
import { APP_ROLE, OWNER_ROLE } from "../postgres/roles.ts"
import { createSecrets } from "../postgres/secrets.ts"
import { openSingleUser, runSingleUser, type SingleUser } from "../postgres/single-user.ts"
import { assertSameCatalogue } from "./catalogue/compare.ts"
import { expectedCatalogue } from "./catalogue/expected.ts"
import { readCatalogue } from "./catalogue/read-catalogue.ts"
import type { Schema } from "./ports.ts"
import type { OpenBackup } from "./read-backup.ts"
import { type Unpacked, unpackBackup } from "./unpack.ts"

/**
 * Unpacks a backup into a folder, checks its catalogue and gives its roles new passwords. A server may then be started
 * on the folder; after a failure it is removed.
 *
 * @param workDir - Must not exist. `<workDir>-expected` beside it is used too.
 * @throws {IntegrityError} `backup_untrusted`, naming the first entry of the catalogue that no migration made.
 * @throws {RequestError} `state_conflict` for another version's backup.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`, `unavailable`.
 */
export async function openDatabase(backup: OpenBackup, workDir: string, schema: Schema): Promise<Unpacked> {
  try {
    const unpacked = await unpackBackup(backup, workDir)
    const root = await ensureDataDir(workDir, await identityFor(workDir))
    const server = await openSingleUser(layoutOf(root))
    const found = await readCatalogue(server)
    assertSameCatalogue(found, await expectedCatalogue(`${root}-expected`, found.migrations, schema))
    await renewPasswords(server)
    return unpacked
  } catch (error) {
    await rm(workDir, { recursive: true, force: true, maxRetries: 5 })
    throw error
  }
}

/** Sets new passwords: a backup contains none, and the old ones must stop working. */
async function renewPasswords(server: SingleUser): Promise<void> {
  const { superuser, owner, app } = await createSecrets(server.layout.secrets)
  const roles = { postgres: superuser, [OWNER_ROLE]: owner, [APP_ROLE]: app }
  await runSingleUser(
    server,
    "postgres",
    Object.entries(roles).map(([role, password]) => `ALTER ROLE ${role} PASSWORD '${password}'`),
  )
}
