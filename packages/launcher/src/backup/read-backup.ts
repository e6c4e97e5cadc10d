/**
 * Reads a backup. Everything is checked against its signature before a caller writes a byte.
 * @module
 */
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, lstat, open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { hasCode, IntegrityError, RequestError, tryParseJson } from "@nightlight/core"
import { checkDocument, errnoOf, fileChunks, fingerprintOf, toReadError } from "@nightlight/durable"
import {
  BACKUP_FILES,
  BACKUP_FORMAT,
  BackupContents,
  BackupDocument,
  type BackupManifest,
  type SealedFile,
} from "./format.ts"
import { assertPaths } from "./paths.ts"
import type { BackupTrust, Unseal } from "./ports.ts"

/** A backup with a valid signature, digests and list of contents. */
export interface OpenBackup extends BackupManifest {
  /** Reads and decrypts the concatenated bytes of its files; can be called again. */
  data(): AsyncIterable<Uint8Array>
}

const DOCUMENT_BYTES_MAX = 64 * 1024
const CONTENTS_BYTES_MAX = 64 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024

/**
 * Opens a backup.
 *
 * @throws {RequestError} `not_found` if the folder holds no complete backup.
 * @throws {IntegrityError} `backup_untrusted` if it is not what the trusted key signed, or the folder holds anything
 *   else; `key_unusable` if the identity cannot open it.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readBackup(dir: string, trust: BackupTrust, unseal: Unseal): Promise<OpenBackup> {
  const document = await readDocument(dir, trust)
  await assertPlainFiles(dir)
  const sealedContents = await readWhole(join(dir, BACKUP_FILES.contents), CONTENTS_BYTES_MAX)
  assertSealed({ sizeBytes: sealedContents.length, sha256: sha256Of(sealedContents) }, document.contents)
  assertSealed(await digestOf(join(dir, BACKUP_FILES.data)), document.data)
  const contents = await openContents(sealedContents, unseal, document.id)
  const { id, madeAt, program, postgresMajor } = document
  return {
    ...contents,
    id,
    madeAt,
    program,
    postgresMajor,
    fingerprint: fingerprintOf(document.publicKey),
    data: () => unseal(chunksOf(join(dir, BACKUP_FILES.data))),
  }
}

/**
 * Reads the signed document alone, which identifies the backup and its time.
 *
 * @throws as {@link readBackup}.
 */
export async function readDocument(dir: string, trust: BackupTrust): Promise<BackupDocument> {
  const bytes = await readWhole(join(dir, BACKUP_FILES.document), DOCUMENT_BYTES_MAX).catch((error: unknown) => {
    if (!hasCode(error, "not_found")) throw error
    throw new RequestError("not_found", "there is no complete backup in this folder")
  })
  const parsed = BackupDocument.safeParse(tryParseJson(Buffer.from(bytes).toString("utf8")))
  if (!parsed.success) throw untrusted("the backup's document is malformed")
  const verifier = trust.verifierOf(parsed.data.publicKey)
  if (verifier === undefined) throw untrusted("the backup was not signed by the trusted key")
  if (checkDocument(parsed.data, BACKUP_FORMAT, verifier) === undefined) {
    throw untrusted("the backup's document was changed after it was signed")
  }
  return parsed.data
}

/** Checks that the folder holds the three plain files and nothing else. */
async function assertPlainFiles(dir: string): Promise<void> {
  const known: readonly string[] = Object.values(BACKUP_FILES)
  const names = await readdir(dir).catch((error: unknown) => {
    throw toReadError(error, "the backup's folder")
  })
  if (names.some((name) => !known.includes(name))) throw untrusted("the backup's folder holds other files too")
  for (const name of known) {
    const found = await lstat(join(dir, name)).catch(() => undefined)
    if (found?.isFile() !== true) throw untrusted("a file of the backup is missing, or is a link")
  }
}

async function openContents(sealed: Uint8Array, unseal: Unseal, id: string): Promise<BackupContents> {
  const parts: Uint8Array[] = []
  try {
    for await (const part of unseal(once(sealed))) parts.push(part)
  } catch (error) {
    if (!hasCode(error, "key_unusable")) throw untrusted("the backup's list of contents is damaged")
    throw new IntegrityError("key_unusable", "none of the keys opens this backup", {
      hint: "A backup is sealed to the recovery keys: name the recovery key's file by --identity.",
    })
  }
  const parsed = BackupContents.safeParse(tryParseJson(Buffer.concat(parts).toString("utf8")))
  if (!parsed.success || parsed.data.id !== id) throw untrusted("the backup's list of contents is malformed")
  assertPaths(parsed.data.files)
  return parsed.data
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}

function assertSealed(found: SealedFile, signed: SealedFile): void {
  if (found.sizeBytes === signed.sizeBytes && found.sha256 === signed.sha256) return
  throw untrusted("a file of the backup is not what was signed")
}

async function digestOf(path: string): Promise<SealedFile> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  for await (const chunk of chunksOf(path)) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { sizeBytes, sha256: hash.digest("hex") }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void, void> {
  yield* fileChunks(await openPlain(path), CHUNK_BYTES)
}

async function readWhole(path: string, mostBytes: number): Promise<Uint8Array> {
  const handle = await openPlain(path)
  try {
    if ((await handle.stat()).size > mostBytes) throw untrusted("a file of the backup is too long")
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Opens a file without following a link, also if another process replaces the name meanwhile. */
async function openPlain(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (["ENOENT", "ENOTDIR"].includes(errnoOf(error))) {
        throw new RequestError("not_found", "a file of the backup is missing")
      }
      if (errnoOf(error) === "ELOOP") throw untrusted("a file of the backup is a link")
      throw toReadError(error, "a file of the backup")
    },
  )
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw untrusted("a file of the backup is not a plain file")
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

/** Makes the error for a backup that differs from what the trusted key signed. */
export function untrusted(message: string): IntegrityError {
  return new IntegrityError("backup_untrusted", message, {
    hint: "Use another backup, or name the key that signed it by --trust. Nothing was changed.",
  })
}
