/**
 * Makes backups on a schedule for as long as an installation is up.
 * @module
 */
import { isAbsolute, join } from "node:path"
import { hasCode, NightlightError, systemClock } from "@nightlight/core"
import { type BackupManifest, type BackupTrust, backUpIfDue, backupKeyPath, type PartEvent } from "@nightlight/launcher"
import { readServerConfig } from "@nightlight/server/config"
import { resolveTrustedKey } from "@nightlight/vault"

/** Time and place of scheduled backups. */
export interface BackupSchedule {
  readonly everyHours: number
  readonly to: string
  readonly keep: number
}

/**
 * Schedule in `server.yaml`; `undefined` where no backups are scheduled. A relative folder is below the data folder.
 */
export async function readSchedule(dataDir: string): Promise<BackupSchedule | undefined> {
  const { config } = await readServerConfig(join(dataDir, "server", "server.yaml"))
  const { everyHours, to, keep } = config.backup
  if (everyHours === null || to === null) return undefined
  return { everyHours, keep, to: isAbsolute(to) ? to : join(dataDir, to) }
}

const CHECK_MS = 60_000

/**
 * Checks each minute whether a backup is due, and reports each one made. A failure is reported and retried with the
 * next check.
 */
export function keepBackups(
  dataDir: string,
  schedule: BackupSchedule,
  make: (toDir: string) => Promise<BackupManifest>,
  onEvent: (event: PartEvent) => void,
): { readonly stop: () => Promise<void> } {
  let working = Promise.resolve()
  const check = async () => {
    try {
      const made = await backUpIfDue({
        ...schedule,
        trust: await trustOf(dataDir),
        clock: systemClock,
        make,
      })
      if (made !== undefined) onEvent({ part: "backup", event: "made", id: made.id })
    } catch (error) {
      const { code, message } =
        error instanceof NightlightError ? error : { code: "internal", message: "an internal error" }
      onEvent({ part: "backup", event: "failed", code, message })
    }
  }
  const begin = () => {
    working = working.then(check)
  }
  const timer = setInterval(begin, CHECK_MS)
  begin()
  return {
    stop: async () => {
      clearInterval(timer)
      await working
    },
  }
}

/** Before the first backup no key exists, so no backup in the folder is ours. */
async function trustOf(dataDir: string): Promise<BackupTrust> {
  return resolveTrustedKey(backupKeyPath(dataDir), undefined).catch((error: unknown) => {
    if (!hasCode(error, "key_unusable")) throw error
    return { verifierOf: () => undefined }
  })
}
