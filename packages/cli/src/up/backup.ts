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
  ensureBackupKey,
  holdDataFolder,
  makeBackup,
  openLogFiles,
  type Restored,
  resolveTrust,
  restoreBackup,
  withEmbedded,
} from "@nightlight/server/up"
import { backupRecipients, unsealWith } from "./backup-keys.ts"
import { migrate, runHostAct } from "./one-shot.ts"

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Backs an installation up, whether it is up or not, sealed to the workspace's recovery keys.
 *
 * @throws {RequestError} `config_invalid` if the database is another server; `not_found` without an installation.
 * @throws {IntegrityError} `key_unusable`, `manifest_untrusted` if there is nobody to seal it to.
 */
export async function backUp(dataDir: string, toDir: string, env: Environment): Promise<BackupManifest> {
  assertEmbedded(env)
  await assertInstallation(dataDir)
  const recipients = await backupRecipients(dataDir)
  const key = await ensureBackupKey(dataDir)
  return withEmbedded(dataDir, ({ superuser }) =>
    makeBackup({ dataDir, toDir, superuser, key, recipients, clock: systemClock }),
  )
}

/** What {@link restore} takes. */
export interface RestoreFlags {
  /** File or fingerprint of the key that signed the backup; the installation's own unless given. */
  readonly trust: string | undefined
  /** `AGE-SECRET-KEY-1...` of a recovery key. */
  readonly identities: readonly string[]
}

/**
 * Restores a backup's database into a data folder whose keys are there, brings it to this version and pauses filing
 * before anything else can run on it.
 *
 * @throws {RequestError} `config_invalid`, `not_found`. {@link DependencyError} `locked` while the installation runs.
 */
export async function restore(
  dataDir: string,
  fromDir: string,
  env: Environment,
  { trust, identities }: RestoreFlags,
): Promise<Restored> {
  assertEmbedded(env)
  await assertInstallation(dataDir)
  const hold = await holdDataFolder(join(dataDir, "run", "up.lock"))
  const logs = await openLogFiles(join(dataDir, "logs"), ["host", "migrations"])
  const place = { dataDir, config: join(dataDir, "server", "server.yaml"), logs }
  try {
    return await restoreBackup({
      fromDir,
      dataDir,
      trust: await resolveTrust(dataDir, trust),
      unseal: unsealWith(identities),
      migrate: (access, count) => migrate(place, access, count),
      mark: async ({ app }, { id, madeAt }) => {
        await runHostAct(place, { database: app }, { name: "mark-restored", backup: id, madeAt })
      },
      clock: systemClock,
    })
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
