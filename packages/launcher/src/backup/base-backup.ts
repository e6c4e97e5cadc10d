/**
 * Copies the files of a running PostgreSQL, with the write-ahead log that makes them consistent (PostgreSQL manual,
 * "Making a Base Backup Using the Low Level API").
 * @module
 */
import { join } from "node:path"
import { Client, type PoolConfig } from "pg"
import { toConnectionError } from "../postgres/errors.ts"
import { namesBelow } from "./names-below.ts"
import { isClusterFile } from "./paths.ts"
import type { Source } from "./write-archive.ts"

const SEGMENT = /^[0-9A-F]{24}$/

/** A cluster whose files are being copied. */
export interface BaseBackup extends AsyncDisposable {
  readonly postgresMajor: number
  /** The files to copy, in order; can be read once. The last ones make the others consistent. */
  sources(): AsyncIterable<Source>
}

/**
 * Begins to copy a cluster while it runs. The copy ends when it is disposed of or this process ends.
 *
 * @param superuser - Connects to the running server.
 * @param cluster - Its data folder.
 * @throws {DependencyError} `unavailable`, `source_unreadable`; also from its sources.
 */
export async function beginBaseBackup(superuser: PoolConfig, cluster: string): Promise<BaseBackup> {
  const client = new Client({ application_name: "nightlight backup", ...(superuser as object) })
  client.on("error", () => undefined)
  const end = () => client.end().catch(() => undefined)
  try {
    await client.connect()
    // The slot is temporary: it ends with this session, so a killed backup cannot fill the disk.
    await client.query("SELECT pg_catalog.pg_create_physical_replication_slot($1, true, true)", [slotName()])
    const { rows } = await client.query<{ segment: string; major: number }>(
      "SELECT pg_walfile_name(pg_backup_start('nightlight', true)) AS segment, current_setting('server_version_num')::int / 10000 AS major",
    )
    const { segment = "", major = 0 } = rows[0] ?? {}
    return {
      postgresMajor: major,
      sources: () => sourcesOf(client, cluster, segment),
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw toConnectionError(error)
  }
}

/** Name of a replication slot, unique so that two backups can run at once. */
function slotName(): string {
  return `nightlight_backup_${process.pid}_${Date.now().toString(36)}`
}

async function* sourcesOf(client: Client, cluster: string, first: string): AsyncGenerator<Source, void, void> {
  const names = (await namesBelow(cluster)).filter(
    (name) => isClusterFile(name) && !name.startsWith("pg_wal/") && name !== "backup_label",
  )
  // The control file is copied last, after everything that it describes.
  for (const name of [...names.filter((known) => known !== "global/pg_control"), "global/pg_control"]) {
    yield { path: `cluster/${name}`, from: join(cluster, name) }
  }
  const { rows } = await client
    .query<{ label: string }>("SELECT labelfile AS label FROM pg_backup_stop(wait_for_archive => false)")
    .catch((error: unknown) => {
      throw toConnectionError(error)
    })
  yield { path: "cluster/backup_label", text: rows[0]?.label ?? "" }
  // The log since the backup began: every segment that exists, at least up to the backup's end.
  for (const name of await namesBelow(join(cluster, "pg_wal"))) {
    const isNeeded = (SEGMENT.test(name) && name >= first) || name.endsWith(".history")
    if (isNeeded && isClusterFile(`pg_wal/${name}`)) {
      yield { path: `cluster/pg_wal/${name}`, from: join(cluster, "pg_wal", name) }
    }
  }
}
