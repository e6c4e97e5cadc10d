/**
 * Writes the files of an opened backup into a new database folder (`cluster/`). Each file is compared with the signed
 * list while it is written.
 * @module
 */
import { createHash } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { ChunkReader } from "@nightlight/core"
import { ensureDirPrivate, errnoOf, NewFile, syncDir, toWriteError } from "@nightlight/durable"
import { giveTo } from "../postgres/folders.ts"
import { type Identity, identityFor } from "../postgres/identity.ts"
import type { BackupFile } from "./format.ts"
import { assertFreeSpace } from "./free-space.ts"
import { namesBelow } from "./names-below.ts"
import { EVIDENCE_LIST } from "./paths.ts"
import { type OpenBackup, untrusted } from "./read-backup.ts"

/** Folders that a server needs, and that are empty in a backup. */
const EMPTY_FOLDERS = [
  "pg_wal/archive_status",
  "pg_wal/summaries",
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_tblspc",
  "pg_twophase",
  "pg_commit_ts",
  "pg_logical/snapshots",
  "pg_logical/mappings",
  "pg_multixact/members",
  "pg_multixact/offsets",
  "pg_xact",
]

const WHAT = "the restored database"

/** Other files of a backup. */
export interface Unpacked {
  /** List of sealed evidence: lines of `{ path, sizeBytes }`. */
  readonly evidenceList: string
}

/**
 * Unpacks a backup's database into a folder that does not exist yet. Configurations are not unpacked.
 *
 * @throws {IntegrityError} `backup_untrusted` if a byte differs from what was signed; the caller must then remove the
 *   folder.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function unpackBackup(backup: OpenBackup, into: string): Promise<Unpacked> {
  await assertFreeSpace(
    dirname(into),
    backup.files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
  )
  try {
    await mkdir(into, { mode: 0o700 })
    for (const folder of EMPTY_FOLDERS) await mkdir(join(into, "cluster", folder), { recursive: true, mode: 0o700 })
    const taker = createTaker(backup.data())
    let evidenceList = ""
    for (const file of backup.files) {
      if (file.path === EVIDENCE_LIST) evidenceList = await readText(taker, file)
      else if (file.path.startsWith("cluster/")) await writeOne(taker, file, join(into, file.path))
      else await skipOne(taker, file)
    }
    await taker.assertEnd()
    await giveAndSync(into, await identityFor(into))
    return { evidenceList }
  } catch (error) {
    throw errnoOf(error) === "unknown" ? error : toWriteError(error, WHAT)
  }
}

/** Reads a given number of bytes from a stream, in chunks. */
interface Taker {
  take(sizeBytes: number): AsyncIterable<Uint8Array>
  assertEnd(): Promise<void>
}

function createTaker(stream: AsyncIterable<Uint8Array>): Taker {
  const reader = new ChunkReader(stream[Symbol.asyncIterator]())
  return {
    async *take(sizeBytes) {
      for (let left = sizeBytes; left > 0; ) {
        if (!(await reader.fill())) throw untrusted("the backup ends before its last file")
        const part = reader.take(left)
        left -= part.length
        yield part
      }
    },
    assertEnd: async () => {
      if (await reader.fill()) throw untrusted("the backup continues after its last file")
    },
  }
}

async function writeOne(taker: Taker, file: BackupFile, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await using target = await NewFile.create(path, { what: WHAT })
  for await (const part of taker.take(file.sizeBytes)) await target.write(part)
  const { sha256 } = await target.finish()
  assertSigned(file, sha256)
}

async function skipOne(taker: Taker, file: BackupFile): Promise<void> {
  const hash = createHash("sha256")
  for await (const part of taker.take(file.sizeBytes)) hash.update(part)
  assertSigned(file, hash.digest("hex"))
}

async function readText(taker: Taker, file: BackupFile): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of taker.take(file.sizeBytes)) parts.push(part)
  const bytes = Buffer.concat(parts)
  assertSigned(file, createHash("sha256").update(bytes).digest("hex"))
  return bytes.toString("utf8")
}

function assertSigned(file: BackupFile, sha256: string): void {
  if (sha256 !== file.sha256) throw untrusted("a file in the backup is not what was signed")
}

/** Gives the files to the server's user and syncs their folders. */
async function giveAndSync(into: string, identity: Identity): Promise<void> {
  const cluster = join(into, "cluster")
  const folders = new Set(["", ...EMPTY_FOLDERS, "global", "base", "pg_wal", "pg_multixact", "pg_logical"])
  for (const name of await namesBelow(cluster)) {
    if (identity.kind === "user") await giveTo(identity, join(cluster, name))
    folders.add(dirname(name) === "." ? "" : dirname(name))
  }
  for (const folder of folders) {
    const path = join(cluster, folder)
    await ensureDirPrivate(path)
    await syncDir(path)
    await giveTo(identity, path)
  }
  await syncDir(into)
}
