import { createHash, type Hash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { Readable } from "node:stream"
import { TextDecoder } from "node:util"
import { createGunzip } from "node:zlib"
import { DependencyError, RequestError } from "@nightlight/core"
import { listMalformed } from "./malformed.ts"

const CHUNK_BYTES = 65_536

/** A list file's bytes: unpacked, as UTF-8, without a byte order mark; and the digest of the file as stored. */
export class ListBytes {
  readonly #path: string
  readonly #hash: Hash = createHash("sha256")
  #sha256: string | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Lower-case hexadecimal SHA-256 of the file as stored; `undefined` until it has been read to its end. */
  get sha256(): string | undefined {
    return this.#sha256
  }

  /**
   * Yields the text's bytes in chunks; a chunk is valid until the next one is requested.
   *
   * @throws {RequestError} `not_found`, `input_invalid` for a folder, `list_malformed` for a damaged gzip file.
   * @throws {DependencyError} `source_unreadable` when the file cannot be read.
   */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* toUtf8(gunzipped(this.#stored()))
  }

  async *#stored(): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await openFile(this.#path)
    try {
      const buffer = new Uint8Array(CHUNK_BYTES)
      for (;;) {
        const sizeBytes = await readPiece(file, buffer)
        if (sizeBytes === 0) break
        const piece = buffer.subarray(0, sizeBytes)
        this.#hash.update(piece)
        yield piece
      }
    } finally {
      await file.close()
    }
    this.#sha256 = this.#hash.digest("hex")
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new RequestError("not_found", "no such list file")
    throw unreadable(error)
  }
}

async function readPiece(file: FileHandle, buffer: Uint8Array): Promise<number> {
  try {
    return (await file.read(buffer, 0, buffer.length, null)).bytesRead
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(error: unknown): DependencyError | RequestError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown"
  if (code === "EISDIR") return new RequestError("input_invalid", "expected a list file, got a folder")
  return new DependencyError("source_unreadable", `cannot read the list file (${code})`)
}

/** Unpacks a gzip file, and passes any other file through. */
async function* gunzipped(stored: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const first = await stored.next()
  if (first.done) return
  const rejoined = rejoin(first.value, stored)
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* rejoined
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  const source = Readable.from(copied(rejoined), { objectMode: false })
  source.on("error", (error) => gunzip.destroy(error)).pipe(gunzip)
  try {
    for await (const piece of gunzip) yield piece as Uint8Array
  } catch (error) {
    if (error instanceof RequestError || error instanceof DependencyError) throw error
    throw listMalformed("the gzip file is damaged or cut off")
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

/** Copies chunks for a reader that keeps several. */
async function* copied(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice()
}

async function* rejoin(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

/** Removes a byte order mark, and converts UTF-16, which is recognised only by its mark, to UTF-8. */
async function* toUtf8(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let decoder: TextDecoder | undefined
  let begun = false
  for await (const piece of bytes) {
    if (begun) {
      yield decoder === undefined ? piece : Buffer.from(decoder.decode(piece, { stream: true }))
      continue
    }
    begun = true
    if (piece[0] === 0xff && piece[1] === 0xfe) decoder = new TextDecoder("utf-16le")
    else if (piece[0] === 0xfe && piece[1] === 0xff) decoder = new TextDecoder("utf-16be")
    const mark = piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? 3 : 0
    yield decoder === undefined ? piece.subarray(mark) : Buffer.from(decoder.decode(piece, { stream: true }))
  }
  if (decoder !== undefined) yield Buffer.from(decoder.decode())
}
