/**
 * A copy of a running PostgreSQL's files, with the log that makes them one state (PostgreSQL manual, "Making a Base
 * Backup Using the Low Level API").
 * @module
 */
import { join } from "node:path"
import { writeFileExclusive } from "@nightlight/vault/durable"
import { Client, type PoolConfig } from "pg"
import { toDatabaseError } from "../db/errors.ts"
import { copyDigested, digestOf, namesBelow } from "./copy-files.ts"
import type { BackupFile } from "./format.ts"

/** What a server makes anew when it starts, or what belongs to the one that runs. */
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|pg_wal\/.*|pg_replslot\/.*|pg_dynshmem\/.*|pg_notify\/.*|pg_serial\/.*|pg_snapshots\/.*|pg_stat_tmp\/.*|pg_subtrans\/.*|backup_label(\.old)?|tablespace_map(\.old)?)$|(^|\/)pgsql_tmp|(^|\/)t\d+_\d+/

const SEGMENT = /^[0-9A-F]{24}$/

/** What was copied. */
export interface BaseBackup {
  readonly files: readonly BackupFile[]
  readonly postgresMajor: number
}

/**
 * Copies a cluster below `toDir/cluster` while it runs.
 *
 * @param superuser - Connects to the running server.
 * @param cluster - Its data folder.
 * @throws {DependencyError} `unavailable`, `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function copyCluster(superuser: PoolConfig, cluster: string, toDir: string): Promise<BaseBackup> {
  const client = new Client({ application_name: "nightlight backup", ...(superuser as object) })
  client.on("error", () => undefined)
  try {
    await client.connect()
    // Of this session: gone with it, so a killed backup fills no disk.
    await client.query("SELECT pg_create_physical_replication_slot('nightlight_backup', true, true)")
    const { rows: begun } = await client.query<{ segment: string; major: number }>(
      "SELECT pg_walfile_name(pg_backup_start('nightlight', true)) AS segment, current_setting('server_version_num')::int / 10000 AS major",
    )
    const files = await copyFiles(cluster, toDir)
    const { rows: ended } = await client.query<{ label: string }>(
      "SELECT labelfile AS label FROM pg_backup_stop(wait_for_archive => false)",
    )
    await writeFileExclusive(join(toDir, "cluster", "backup_label"), ended[0]?.label ?? "", 0o600)
    files.push({ path: "cluster/backup_label", ...(await digestOf(join(toDir, "cluster", "backup_label"))) })
    files.push(...(await copyWal(cluster, toDir, begun[0]?.segment ?? "")))
    return { files, postgresMajor: begun[0]?.major ?? 0 }
  } catch (error) {
    throw toDatabaseError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function copyFiles(cluster: string, toDir: string): Promise<BackupFile[]> {
  const copied: BackupFile[] = []
  const { files } = await namesBelow(cluster)
  // Last, so that it tells of everything copied before.
  const ordered = [...files.filter((name) => name !== "global/pg_control"), "global/pg_control"]
  for (const name of ordered) {
    if (LEFT_OUT.test(name)) continue
    const file = await copyDigested(join(cluster, name), toDir, `cluster/${name}`)
    if (file !== undefined) copied.push(file)
  }
  return copied
}

/** The log from the backup's begin on: all that is there, which goes at least to its end. */
async function copyWal(cluster: string, toDir: string, first: string): Promise<readonly BackupFile[]> {
  const copied: BackupFile[] = []
  const { files } = await namesBelow(join(cluster, "pg_wal"))
  for (const name of files) {
    const isNeeded = (SEGMENT.test(name) && name >= first) || name.endsWith(".history")
    if (!isNeeded) continue
    const file = await copyDigested(join(cluster, "pg_wal", name), toDir, `cluster/pg_wal/${name}`)
    if (file !== undefined) copied.push(file)
  }
  return copied
}
