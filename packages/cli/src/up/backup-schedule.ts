/**
 * Makes backups on a schedule for as long as an installation is up.
 * @module
 */
import { isAbsolute, join } from "node:path"
import { hasCode, NightlightError, systemClock } from "@nightlight/core"
import { type BackupManifest, type BackupTrust, backUpIfDue, backupKeyPath, type PartEvent } from "@nightlight/launcher"
import { readServerConfig } from "@nightlight/server/config"
import { resolveTrustedKey } from "@nightlight/vault"

/** When and where. */
export interface BackupSchedule {
  readonly everyHours: number
  readonly to: string
  readonly keep: number
}

/** What `server.yaml` says; `undefined` where no backups are scheduled. A relative folder is below the data folder. */
export async function readSchedule(dataDir: string): Promise<BackupSchedule | undefined> {
  const { config } = await readServerConfig(join(dataDir, "server", "server.yaml"))
  const { everyHours, to, keep } = config.backup
  if (everyHours === null || to === null) return undefined
  return { everyHours, keep, to: isAbsolute(to) ? to : join(dataDir, to) }
}

const LOOK_MS = 60_000

/**
 * Looks each minute whether a backup is due, and tells of each that was made. A failure is told and tried again with the
 * next look.
 *
 * @returns Ends it, after the backup that is under way.
 */
export function keepBackups(
  dataDir: string,
  schedule: BackupSchedule,
  make: (toDir: string) => Promise<BackupManifest>,
  onEvent: (event: PartEvent) => void,
): { readonly stop: () => Promise<void> } {
  let working = Promise.resolve()
  const look = async () => {
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
        error instanceof NightlightError ? error : { code: "internal", message: "an internal fault" }
      onEvent({ part: "backup", event: "failed", code, message })
    }
  }
  const begin = () => {
    working = working.then(look)
  }
  const timer = setInterval(begin, LOOK_MS)
  begin()
  return {
    stop: async () => {
      clearInterval(timer)
      await working
    },
  }
}

/** Before the first backup there is no key yet: none of the backups in the folder is ours then. */
async function trustOf(dataDir: string): Promise<BackupTrust> {
  return resolveTrustedKey(backupKeyPath(dataDir), undefined).catch((error: unknown) => {
    if (!hasCode(error, "key_unusable")) throw error
    return { verifierOf: () => undefined }
  })
}
