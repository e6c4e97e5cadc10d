/**
 * Backup and restore of an installation with the embedded database.
 * @module
 */
import { access } from "node:fs/promises"
import { join } from "node:path"
import { RequestError, systemClock } from "@nightlight/core"
import { databaseFromEnvironment } from "@nightlight/server/config"
import {
  type BackupManifest,
  holdDataFolder,
  makeBackup,
  openLogFiles,
  type Restored,
  restoreBackup,
  withEmbedded,
  withStarted,
} from "@nightlight/server/up"
import { migrate, runHostAct } from "./one-shot.ts"

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Backs an installation up, whether it is up or not.
 *
 * @throws {RequestError} `config_invalid` if the database is another server; `not_found` without an installation.
 */
export async function backUp(dataDir: string, toDir: string, env: Environment): Promise<BackupManifest> {
  assertEmbedded(env)
  await assertInstallation(dataDir)
  return withEmbedded(dataDir, ({ superuser }) => makeBackup({ dataDir, toDir, superuser, clock: systemClock }))
}

/**
 * Restores a backup's database into a data folder whose keys are there, brings it to this version and pauses filing
 * before anything else can run on it.
 *
 * @throws {RequestError} `config_invalid`, `not_found`. {@link DependencyError} `locked` while the installation runs.
 */
export async function restore(dataDir: string, fromDir: string, env: Environment): Promise<Restored> {
  assertEmbedded(env)
  await assertInstallation(dataDir)
  const hold = await holdDataFolder(join(dataDir, "run", "up.lock"))
  const logs = await openLogFiles(join(dataDir, "logs"), ["host", "migrations"])
  try {
    const restored = await restoreBackup({ fromDir, dataDir, clock: systemClock })
    const place = { dataDir, config: join(dataDir, "server", "server.yaml"), logs }
    await withStarted(dataDir, async ({ app, owner }) => {
      await migrate(place, { app, owner })
      await runHostAct(place, { database: app }, { name: "pause-filing", backup: restored.manifest.id })
    })
    return restored
  } finally {
    await logs.close()
    await hold.release()
  }
}

function assertEmbedded(env: Environment): void {
  if (databaseFromEnvironment(env) === undefined) return
  throw new RequestError("config_invalid", "the database is another server: back it up by that server's own means", {
    hint: "After restoring it, pause filing: nightlight restore --pause, then nightlight restore --reconcile.",
  })
}

async function assertInstallation(dataDir: string): Promise<void> {
  await access(join(dataDir, "server", "server.yaml")).catch(() => {
    throw new RequestError("not_found", "there is no installation in this folder", {
      hint: "A restore needs the folder's keys: bring server/, keys/ and custodian/ back from where they were kept.",
    })
  })
}
