/**
 * Backs up an installation's database and configurations, signed and sealed. A backup contains no key, password or
 * sealed evidence, only the list of files that the evidence folder must hold.
 * @module
 */
import { randomUUID } from "node:crypto"
import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, canonicalJson, RequestError } from "@nightlight/core"
import { ensureDirPrivate, fingerprintOf, signDocument, syncDir, writeFileExclusive } from "@nightlight/durable"
import { Client, type PoolConfig } from "pg"
import { toConnectionError } from "../postgres/errors.ts"
import { type BaseBackup, beginBaseBackup } from "./base-backup.ts"
import { BACKUP_FILES, BACKUP_FORMAT, type BackupContents, type BackupFile, type BackupManifest } from "./format.ts"
import { assertFreeSpace, bytesBelow } from "./free-space.ts"
import { namesBelow } from "./names-below.ts"
import { CONFIGS, EVIDENCE_LIST } from "./paths.ts"
import type { BackupSigner } from "./ports.ts"
import { type SealedTo, type Source, writeData, writeSealed } from "./write-archive.ts"

/** Source, destination and recipients of a backup. The recipients are the workspace's recovery keys. */
export interface BackupOptions extends SealedTo {
  /** Data folder of the installation. */
  readonly dataDir: string
  /** Destination folder: missing or empty. */
  readonly toDir: string
  /** Connects to the running server. */
  readonly superuser: PoolConfig
  readonly key: BackupSigner
  /** Version of the program that makes it. */
  readonly program: string
  readonly clock: Clock
  /** Stops the backup between two files, without a `backup.json`. */
  readonly signal?: AbortSignal
  /** Receives the number of files begun. */
  readonly onFile?: (files: number) => void
}

/**
 * Makes a backup while the installation runs. `backup.json` is written last: a folder without it is no backup.
 *
 * @throws {RequestError} `output_conflict` if the folder is not empty; `key_malformed` if a recipient is not an age
 *   key.
 * @throws {DependencyError} `unavailable`, `disk_full`, `write_failed`, `source_unreadable`.
 * @throws The signal's reason if it aborts.
 */
export async function makeBackup(options: BackupOptions): Promise<BackupManifest> {
  const { dataDir, toDir, superuser, key, seal, recipients, program, clock } = options
  const to: SealedTo = { seal, recipients }
  await clearTarget(toDir)
  const cluster = join(dataDir, "postgres", "cluster")
  await assertFreeSpace(toDir, await bytesBelow(cluster))
  await using base = await beginBaseBackup(superuser, cluster)
  const id = `backup-${randomUUID()}`
  const files: BackupFile[] = []
  const evidence = await listEvidence(join(dataDir, "evidence"))
  const sources = watched(sourcesOf(base, dataDir, evidence.list), options)
  const data = await writeData(join(toDir, BACKUP_FILES.data), sources, to, files)
  const { events, lastHash } = await headOf(superuser)
  const contents: BackupContents = {
    id,
    events,
    lastHash,
    evidence: { files: evidence.files, bytes: evidence.bytes },
    files,
  }
  const sealed = await writeSealed(join(toDir, BACKUP_FILES.contents), once(JSON.stringify(contents)), to)
  const about = { id, madeAt: clock.now().toISOString(), program, postgresMajor: base.postgresMajor }
  const body = {
    format: BACKUP_FORMAT,
    ...about,
    publicKey: key.publicKey,
    recipients: [...recipients],
    contents: { ...sealed },
    data: { ...data },
  }
  const text = `${canonicalJson({ ...signDocument(body, key.signer) })}\n`
  await writeFileExclusive(join(toDir, BACKUP_FILES.document), text, 0o600)
  await syncDir(toDir)
  return { ...contents, ...about, fingerprint: fingerprintOf(key.publicKey) }
}

/** Makes the folder, and removes what a killed attempt left in it. */
async function clearTarget(toDir: string): Promise<void> {
  await ensureDirPrivate(toDir)
  const names = await readdir(toDir)
  const unfinished: readonly string[] = [BACKUP_FILES.data, BACKUP_FILES.contents]
  if (names.some((name) => !unfinished.includes(name))) {
    throw new RequestError("output_conflict", "the backup's folder is not empty", {
      hint: "Name a new folder for each backup.",
    })
  }
  for (const name of names) await rm(join(toDir, name), { force: true })
}

async function* sourcesOf(base: BaseBackup, dataDir: string, evidence: string): AsyncGenerator<Source, void, void> {
  yield* base.sources()
  for (const name of CONFIGS) yield { path: `config/${name}`, from: join(dataDir, name) }
  yield { path: EVIDENCE_LIST, text: evidence }
}

async function* watched(
  sources: AsyncIterable<Source>,
  { signal, onFile }: Pick<BackupOptions, "signal" | "onFile">,
): AsyncGenerator<Source, void, void> {
  let files = 0
  for await (const source of sources) {
    signal?.throwIfAborted()
    onFile?.(++files)
    yield source
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text)
}

async function listEvidence(
  dir: string,
): Promise<{ readonly list: string; readonly files: number; readonly bytes: number }> {
  let bytes = 0
  const lines: string[] = []
  for (const path of await namesBelow(dir)) {
    const sizeBytes = await stat(join(dir, path)).then(
      (found) => found.size,
      () => undefined,
    )
    if (sizeBytes === undefined) continue
    bytes += sizeBytes
    lines.push(`${JSON.stringify({ path, sizeBytes })}\n`)
  }
  return { list: lines.join(""), files: lines.length, bytes }
}

/** Reads the log's head at the backup's end. The backup holds at least the events before its beginning. */
async function headOf(superuser: PoolConfig): Promise<{ readonly events: number; readonly lastHash: string }> {
  const client = new Client({ application_name: "nightlight backup", ...(superuser as object) })
  client.on("error", () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ seq: string; hash: string }>(
      "SELECT seq, hash FROM public.events ORDER BY seq DESC LIMIT 1",
    )
    return { events: Number(rows[0]?.seq ?? 0), lastHash: rows[0]?.hash ?? "" }
  } catch (error) {
    throw toConnectionError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
