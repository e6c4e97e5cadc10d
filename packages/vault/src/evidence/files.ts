/**
 * Names within an evidence folder, and digests of sealed files without opening them. A piece's files are in a subfolder
 * that is named by the first two characters of its id: ids are keyed digests, so a million pieces make 256 subfolders.
 * @module
 */
import { createHash } from "node:crypto"
import { open, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { errnoOf, fileChunks, toReadError } from "@nightlight/durable"

const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{3,127}$/
const NAME = /^([A-Za-z0-9][A-Za-z0-9_-]{3,127})\.(age|json|json\.pending)$/

const SUBFOLDER_CHARACTERS = 2
const SUBFOLDER = /^[A-Za-z0-9][A-Za-z0-9_-]$/

const CHUNK_BYTES = 256 * 1024

/** Paths of one piece of evidence. */
export interface EvidencePaths {
  /** The subfolder of its files; made with the first of them. */
  readonly folder: string
  /** The sealed file. */
  readonly ciphertext: string
  /** Its row. */
  readonly row: string
  /** The row before it gets its name: present from before the sealed file gets its name until the row gets its own. */
  readonly pending: string
  /** Folder of the store's lock. */
  readonly lock: string
}

/** Whether a text can be an evidence id: 4 to 128 letters, digits, `_` and `-`. */
export function isEvidenceId(text: string): boolean {
  return ID.test(text)
}

/** Paths of a piece of evidence in a store's folder. */
export function evidencePaths(dir: string, evidenceId: string): EvidencePaths {
  const folder = join(dir, evidenceId.slice(0, SUBFOLDER_CHARACTERS))
  const base = join(folder, evidenceId)
  return { folder, ciphertext: `${base}.age`, row: `${base}.json`, pending: `${base}.json.pending`, lock: lockOf(dir) }
}

/** Path of the sealed file of a piece of evidence in a store's folder. */
export function sealedPath(dir: string, evidenceId: string): string {
  return evidencePaths(dir, evidenceId).ciphertext
}

/** Folder of a store's lock. */
export function lockOf(dir: string): string {
  return join(dir, ".lock")
}

/** Ids in a store's folder by the files that exist, each sorted. */
export async function listIds(dir: string): Promise<Readonly<Record<"age" | "json" | "pending", readonly string[]>>> {
  const found: Record<"age" | "json" | "pending", string[]> = { age: [], json: [], pending: [] }
  for (const subfolder of (await namesIn(dir)).filter((name) => SUBFOLDER.test(name))) {
    for (const name of await namesIn(join(dir, subfolder))) {
      const [, id, suffix] = NAME.exec(name) ?? []
      if (id?.startsWith(subfolder) !== true) continue
      found[suffix === "json.pending" ? "pending" : suffix === "age" ? "age" : "json"].push(id)
    }
  }
  return found
}

async function namesIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    throw toReadError(error, "the evidence folder")
  })
  return names.sort()
}

/** Reads a small file as text; `undefined` if there is none. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "an evidence row")
  })
}

/**
 * Reads a file in chunks of 256 KiB. Opened at the first chunk, closed at the end or by `break`.
 *
 * @returns Chunks that belong to the reader.
 */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array, void, void> {
  yield* fileChunks(await open(path, "r"), CHUNK_BYTES)
}

/** Digests a sealed file; `undefined` if there is none. */
export async function digestFile(
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly sha256: string; readonly sizeBytes: number } | undefined> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  try {
    for await (const chunk of readChunks(path)) {
      signal?.throwIfAborted()
      hash.update(chunk)
      sizeBytes += chunk.length
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "sealed evidence")
  }
  return { sha256: hash.digest("hex"), sizeBytes }
}
