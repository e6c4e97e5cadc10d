/**
 * Makes, restores or drills a backup in its own process, which may be killed in the middle: at a step that the task
 * names, or at the n-th file system operation (`kill-at.ts`).
 */
import { systemClock } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { recipientOf } from "@nightlight/vault"
import { unseal } from "@nightlight/vault/open"
import { seal } from "@nightlight/vault/seal"
import type { PoolConfig } from "pg"
import { drillBackup } from "../../src/backup/drill.ts"
import { makeBackup } from "../../src/backup/make-backup.ts"
import type { Schema } from "../../src/backup/ports.ts"
import { restoreBackup } from "../../src/backup/restore-backup.ts"
import { ownKey, schema as ownSchema, ownTrust } from "./backups.ts"

/** Task of a child. */
export interface BackupTask {
  readonly does: "backup" | "restore" | "drill"
  readonly dataDir: string
  /** The backup's folder. */
  readonly folder: string
  readonly identity: string
  /** Connection to the running server, for a backup. */
  readonly superuser?: PoolConfig
  /**
   * The child is killed before this step: the catalogue's comparison, or the restored database's migration, mark or
   * check.
   */
  readonly diesAt?: "compare" | "migrate" | "mark" | "look"
}

const { does, dataDir, folder, identity, superuser, diesAt } = JSON.parse(process.argv[2] ?? "") as BackupTask

function step(name: BackupTask["diesAt"]): void {
  if (diesAt === name) process.kill(process.pid, "SIGKILL")
}

const schema: Schema = {
  ...ownSchema,
  migrate: async (access, count) => {
    // Only the database for the comparison is migrated by a count.
    step(count === undefined ? "migrate" : "compare")
    await ownSchema.migrate(access, count)
  },
}

/** Shows a test that a restored database was marked before it replaced the other. */
const MARK = "INSERT INTO operations (name, since, by) VALUES ('marked', now(), 'test') ON CONFLICT DO NOTHING"

const common = async () => ({
  fromDir: folder,
  dataDir,
  schema,
  trust: await ownTrust(dataDir),
  unseal: (ciphertext: AsyncIterable<Uint8Array>) => unseal(ciphertext, [identity]),
})

if (does === "backup") {
  await makeBackup({
    dataDir,
    toDir: folder,
    superuser: superuser ?? {},
    clock: systemClock,
    key: await ownKey(dataDir),
    seal,
    program: "0.1.0",
    recipients: [await recipientOf(identity)],
  })
} else if (does === "restore") {
  await restoreBackup({
    ...(await common()),
    mark: async ({ app }) => {
      step("mark")
      await queryAs(app, MARK)
    },
    clock: systemClock,
  })
} else {
  await drillBackup({
    ...(await common()),
    check: async () => {
      step("look")
      return { log: true, counts: true }
    },
  })
}
process.stdout.write("done\n")
