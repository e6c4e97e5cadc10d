/**
 * Backs an installation up: the database, its roles' passwords and the configurations. No key is in it, and no sealed
 * evidence: a list of it tells what the evidence folder must hold.
 * @module
 */
import { randomUUID } from "node:crypto"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, RequestError } from "@nightlight/core"
import { ensureDirPrivate, syncDir, writeFileExclusive } from "@nightlight/vault/durable"
import { Client, type PoolConfig } from "pg"
import { toDatabaseError } from "../db/errors.ts"
import { copyCluster } from "./base-backup.ts"
import { copyDigested, digestOf, namesBelow } from "./copy-files.ts"
import { BACKUP_FORMAT, type BackupFile, type BackupManifest } from "./format.ts"

/** What {@link makeBackup} takes. */
export interface BackupOptions {
  /** Data folder of the installation. */
  readonly dataDir: string
  /** Where the backup goes: missing, or empty. */
  readonly toDir: string
  /** Connects to the running server. */
  readonly superuser: PoolConfig
  readonly clock: Clock
}

/** Configurations that come along; keys do not. */
const CONFIGS = [
  "nightlight.yaml",
  "policy.yaml",
  "policy.tests.yaml",
  "server/server.yaml",
  "custodian/custodian.yaml",
]

/**
 * Makes a backup while the installation runs. `backup.json` is written last: a folder without it is no backup.
 *
 * @throws {RequestError} `output_conflict` if the folder holds something.
 * @throws {DependencyError} `unavailable`, `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function makeBackup({ dataDir, toDir, superuser, clock }: BackupOptions): Promise<BackupManifest> {
  await ensureDirPrivate(toDir)
  if ((await readdir(toDir)).length > 0) {
    throw new RequestError("output_conflict", "the backup's folder holds something already", {
      hint: "Name a new folder for each backup.",
    })
  }
  const postgres = join(dataDir, "postgres")
  const { files: cluster, postgresMajor } = await copyCluster(superuser, join(postgres, "cluster"), toDir)
  const files: BackupFile[] = [...cluster]
  const add = async (from: string, path: string) => {
    const file = await copyDigested(from, toDir, path)
    if (file !== undefined) files.push(file)
  }
  await add(join(postgres, "roles.json"), "roles.json")
  for (const name of CONFIGS) await add(join(dataDir, name), `config/${name}`)
  const evidence = await listEvidence(join(dataDir, "evidence"), toDir)
  files.push({ path: "evidence.ndjson", ...(await digestOf(join(toDir, "evidence.ndjson"))) })
  const { events, lastHash } = await headOf(superuser)
  const manifest: BackupManifest = {
    format: BACKUP_FORMAT,
    id: `backup-${randomUUID()}`,
    madeAt: clock.now().toISOString(),
    ...{ postgresMajor, events, lastHash, evidence, files },
  }
  await writeFileExclusive(join(toDir, "backup.json"), `${JSON.stringify(manifest)}\n`, 0o600)
  await syncDir(toDir)
  return manifest
}

async function listEvidence(dir: string, toDir: string): Promise<BackupManifest["evidence"]> {
  const { files } = await namesBelow(dir)
  let bytes = 0
  const lines: string[] = []
  for (const path of files) {
    const size = await stat(join(dir, path)).then(
      (found) => found.size,
      () => undefined,
    )
    if (size === undefined) continue
    bytes += size
    lines.push(`${JSON.stringify({ path, sizeBytes: size })}\n`)
  }
  await writeFileExclusive(join(toDir, "evidence.ndjson"), lines.join(""), 0o600)
  return { files: lines.length, bytes }
}

/** The log's head at the backup's end; the backup holds at least the events before its begin. */
async function headOf(superuser: PoolConfig): Promise<{ readonly events: number; readonly lastHash: string }> {
  const client = new Client({ application_name: "nightlight backup", ...(superuser as object) })
  client.on("error", () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ seq: string; hash: string }>(
      "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1",
    )
    return { events: Number(rows[0]?.seq ?? 0), lastHash: rows[0]?.hash ?? "" }
  } catch (error) {
    throw toDatabaseError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
