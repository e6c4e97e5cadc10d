/**
 * Files that are durable before anything points at them.
 * @module
 */
import { createHash } from "node:crypto"
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { DependencyError } from "@nightlight/core"

/** What a file must be. */
export interface FileDigest {
  readonly sizeBytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

const BUFFER_BYTES = 1_048_576

/** Writes a new file in order, readable by its owner only, and digests it on the way. Blocks. */
export class DigestingWriter {
  readonly #fd: number
  readonly #hash = createHash("sha256")
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #filled = 0
  #written = 0
  #closed = false

  /** @throws {DependencyError} `disk_full`, `write_failed`. */
  constructor(path: string) {
    this.#fd = attempt(() => openSync(path, "wx", 0o600))
  }

  /** Bytes written so far: where the next ones go. */
  get sizeBytes(): number {
    return this.#written + this.#filled
  }

  /** Appends bytes; copies them. @throws {DependencyError} `disk_full`, `write_failed`. */
  write(bytes: Uint8Array): void {
    if (bytes.length > BUFFER_BYTES) {
      this.#flush()
      this.#put(bytes)
      return
    }
    if (this.#filled + bytes.length > BUFFER_BYTES) this.#flush()
    this.#buffer.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  /** Appends the first bytes of a small buffer. @throws {DependencyError} `disk_full`, `write_failed`. */
  writeFirst(bytes: Buffer, length: number): void {
    if (this.#filled + length > BUFFER_BYTES) this.#flush()
    bytes.copy(this.#buffer, this.#filled, 0, length)
    this.#filled += length
  }

  /** Makes the file durable and closes it. @throws {DependencyError} `disk_full`, `write_failed`. */
  finish(): FileDigest {
    this.#flush()
    attempt(() => fsyncSync(this.#fd))
    this.abandon()
    return { sizeBytes: this.#written, sha256: this.#hash.digest("hex") }
  }

  /** Closes the file, finished or not; the caller removes an unfinished one. */
  abandon(): void {
    if (!this.#closed) closeSync(this.#fd)
    this.#closed = true
  }

  #flush(): void {
    this.#put(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  #put(bytes: Uint8Array): void {
    this.#hash.update(bytes)
    for (let at = 0; at < bytes.length; ) at += attempt(() => writeSync(this.#fd, bytes, at))
    this.#written += bytes.length
  }
}

/** Writes a whole small file durably. @throws {DependencyError} `disk_full`, `write_failed`. */
export function writeDurable(path: string, content: string | Uint8Array): FileDigest {
  const writer = new DigestingWriter(path)
  try {
    writer.write(typeof content === "string" ? Buffer.from(content, "utf8") : content)
    return writer.finish()
  } catch (error) {
    writer.abandon()
    throw error
  }
}

/** Makes what was created, renamed or removed in a folder durable. @throws {DependencyError} `write_failed`. */
export function syncFolder(path: string): void {
  attempt(() => {
    const fd = openSync(path, "r")
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}

/** Whether an open file has this size and digest. Reads it whole. */
export async function hasDigest(file: FileHandle, expected: FileDigest): Promise<boolean> {
  const hash = createHash("sha256")
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let sizeBytes = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, BUFFER_BYTES, sizeBytes)
    if (bytesRead === 0) break
    sizeBytes += bytesRead
    if (sizeBytes > expected.sizeBytes) return false
    hash.update(buffer.subarray(0, bytesRead))
  }
  return sizeBytes === expected.sizeBytes && hash.digest("hex") === expected.sha256
}

/** Reads an open file into memory and checks what was read; `undefined` unless it is what was expected. */
export async function readWhole(file: FileHandle, expected: FileDigest): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if ((await file.stat()).size !== expected.sizeBytes) return undefined
  const bytes = new Uint8Array(expected.sizeBytes)
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(BUFFER_BYTES, bytes.length - at), at)
    if (bytesRead === 0) return undefined
    at += bytesRead
  }
  return createHash("sha256").update(bytes).digest("hex") === expected.sha256 ? bytes : undefined
}

/** Turns the system's refusal to write into a coded error without its words, which quote paths. */
export function attempt<T>(write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw writeError(error)
  }
}

/** The coded error for a failed write. */
export function writeError(error: unknown): DependencyError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown"
  if (code === "ENOSPC" || code === "EDQUOT") return new DependencyError("disk_full", "no space left to write the list")
  return new DependencyError("write_failed", `cannot write beside the lists (${code})`)
}
