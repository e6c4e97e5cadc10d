/**
 * Backup and restore of an installation with the embedded database.
 * @module
 */
import { dirname, join } from "node:path"
import { RequestError, systemClock } from "@nightlight/core"
import {
  type BackupManifest,
  type BackupTrust,
  backupKeyPath,
  type DrillReport,
  drillBackup,
  findNewerBackup,
  holdDataFolder,
  type KeptBackup,
  listBackups,
  makeBackup,
  openLogFiles,
  type Restored,
  restoreBackup,
  type Schema,
  withEmbedded,
} from "@nightlight/launcher"
import { databaseFromEnvironment } from "@nightlight/server/config"
import { MIGRATIONS_DIR, readMigrations } from "@nightlight/server/migrations"
import { ensureSigningKey, resolveTrustedKey } from "@nightlight/vault"
import { seal } from "@nightlight/vault/seal"
import { VERSION } from "../version.ts"
import { assertInstallation } from "./assert-installation.ts"
import { backupRecipients, unsealWith } from "./backup-keys.ts"
import { readSchedule } from "./backup-schedule.ts"
import { migrate, type Place, runAction, runHostAction } from "./one-shot.ts"
import { usersOf } from "./users.ts"

type Environment = Readonly<Record<string, string | undefined>>

/** Receives a backup's progress. */
export interface BackupWatch {
  readonly signal?: AbortSignal
  /** Called with the number of files begun. */
  readonly onFile?: (files: number) => void
}

/** Called with the step that begins. */
export type OnStep = (words: string) => void

/** Backs up an installation, running or not, sealed to the workspace's recovery keys. */
export async function backUp(
  dataDir: string,
  toDir: string,
  env: Environment,
  watch: BackupWatch = {},
): Promise<BackupManifest> {
  assertEmbedded(env)
  await assertInstallation(dataDir)
  const recipients = await backupRecipients(dataDir)
  const key = await ensureSigningKey(backupKeyPath(dataDir))
  const manifest = await withEmbedded(dataDir, ({ superuser }) =>
    makeBackup({ dataDir, toDir, superuser, key, seal, recipients, program: VERSION, clock: systemClock, ...watch }),
  )
  await runAction(dataDir, env, { name: "note-backup", backup: manifest.id })
  return manifest
}

/** Restores a backup on trial, whether the installation runs or not, and records that in its log. */
export async function drill(
  dataDir: string,
  fromDir: string | undefined,
  env: Environment,
  { trust, identities }: RestoreFlags,
  onStep: OnStep = () => {},
): Promise<DrillReport> {
  assertEmbedded(env)
  onStep("Restoring into a temporary folder")
  const trusted = await resolveTrustedKey(backupKeyPath(dataDir), trust)
  const logs = await openLogFiles(join(dataDir, "logs"), ["host", "migrations"])
  const place = { dataDir, config: join(dataDir, "server", "server.yaml"), logs }
  const key = join(dataDir, "custodian", "keys", "checkpoint.pem.pub")
  try {
    const report = await drillBackup({
      fromDir: fromDir ?? (await newestScheduled(dataDir, trusted)),
      dataDir,
      trust: trusted,
      unseal: unsealWith(identities),
      schema: schemaOf(place),
      check: async ({ app }) => {
        onStep("Checking the log and the counts")
        const start = { database: app }
        const log = await runHostAction(place, start, { name: "verify-log", key })
        const counts = await runHostAction(place, start, { name: "check-counts" })
        return { log: log["ok"] === true, counts: counts["ok"] === true }
      },
    })
    const outcome = report.ok ? "sound" : "faulty"
    await runAction(dataDir, env, { name: "note-drill", backup: report.backup, outcome })
    return report
  } finally {
    await logs.close()
  }
}

/** The schema is the server's, whose own process migrates it. */
function schemaOf(place: Place): Schema {
  return {
    migrations: () => readMigrations(MIGRATIONS_DIR),
    migrate: (access, count) => migrate(place, access, count),
  }
}

async function newestScheduled(dataDir: string, trust: BackupTrust): Promise<string> {
  const schedule = await readSchedule(dataDir)
  const [newest] = schedule === undefined ? [] : await listBackups(schedule.to, trust)
  if (newest !== undefined) return newest.folder
  throw new RequestError("not_found", "there is no scheduled backup", {
    hint: "Name a backup's folder, or set `backup` in server.yaml.",
  })
}

/** Options of {@link restore}. */
export interface RestoreFlags {
  /** File or fingerprint of the key that signed the backup; the installation's own unless given. */
  readonly trust: string | undefined
  /** `AGE-SECRET-KEY-1...` of a recovery key. */
  readonly identities: readonly string[]
}

/** The restored backup, and what was skipped. */
export interface RestoredFrom extends Restored {
  /** The newest backup beside this one or among the scheduled ones, if it is newer. */
  readonly newer: KeptBackup | undefined
}

/**
 * Restores a backup's database into a data folder with keys, migrates it to this version and pauses filing before
 * anything else can use it.
 */
export async function restore(
  dataDir: string,
  fromDir: string,
  env: Environment,
  { trust, identities }: RestoreFlags,
  onStep: OnStep = () => {},
): Promise<RestoredFrom> {
  assertEmbedded(env)
  const users = await usersOf(dataDir)
  const hold = await holdDataFolder(join(dataDir, "run", "up.lock"))
  const logs = await openLogFiles(join(dataDir, "logs"), ["host", "migrations"])
  const place: Place = { dataDir, users, config: join(dataDir, "server", "server.yaml"), logs }
  try {
    const trusted = await resolveTrustedKey(backupKeyPath(dataDir), trust)
    onStep("Restoring the database into a folder of its own")
    const restored = await restoreBackup({
      fromDir,
      dataDir,
      trust: trusted,
      unseal: unsealWith(identities),
      schema: schemaOf(place),
      mark: async ({ app }, { id, madeAt }) => {
        onStep("Pausing filing, then putting the database in place")
        await runHostAction(place, { database: app }, { name: "mark-restored", backup: id, madeAt })
      },
      clock: systemClock,
    })
    const scheduled = await readSchedule(dataDir)
    const folders = [dirname(fromDir), ...(scheduled === undefined ? [] : [scheduled.to])]
    return { ...restored, newer: await findNewerBackup(folders, restored.manifest, trusted) }
  } finally {
    await logs.close()
    await hold.release()
  }
}

function assertEmbedded(env: Environment): void {
  if (databaseFromEnvironment(env) === undefined) return
  throw new RequestError("config_invalid", "the database is an external server: use that server's own backups", {
    hint: "After restoring it, pause filing: nightlight restore --pause, then nightlight restore --reconcile.",
  })
}
