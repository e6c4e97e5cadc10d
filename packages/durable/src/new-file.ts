import { createHash } from "node:crypto"
import { writeSync } from "node:fs"
import { type FileHandle, open, rename, rm } from "node:fs/promises"
import { toWriteError } from "./io-errors.ts"
import { writeAll } from "./write-file.ts"

/** Size and digest of a file. */
export interface FileDigest {
  readonly sizeBytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** Options for creating a file. */
export interface NewFileOptions {
  /** Name of the content for an error's message; no path. */
  readonly what: string
  /** Permission bits, `0o600` by default. The process's umask still applies. */
  readonly mode?: number
  /** Called with the empty file before anything is written, for example to change its owner. */
  readonly prepare?: (handle: FileHandle) => Promise<void>
}

const BUFFER_BYTES = 2 ** 20
/** Writing up to this much to the system's cache is faster than handing it to another thread. */
const BLOCKING_BYTES = 2 ** 18

/** A new file that is digested as it is written, and removed unless it is finished. */
export class NewFile implements AsyncDisposable {
  readonly path: string
  readonly #handle: FileHandle
  readonly #what: string
  readonly #hash = createHash("sha256")
  #buffer: Buffer | undefined
  #filled = 0
  #written = 0
  #state: "open" | "closed" | "finished" = "open"

  private constructor(path: string, handle: FileHandle, what: string) {
    this.path = path
    this.#handle = handle
    this.#what = what
  }

  /**
   * Creates the empty file.
   *
   * @throws {DependencyError} `disk_full`, `write_failed`; with `details.errno` `EEXIST` if the name is taken.
   */
  static async create(path: string, { what, mode = 0o600, prepare }: NewFileOptions): Promise<NewFile> {
    let handle: FileHandle | undefined
    try {
      handle = await open(path, "wx", mode)
      await prepare?.(handle)
      return new NewFile(path, handle, what)
    } catch (error) {
      if (handle !== undefined) {
        await handle.close()
        await rm(path, { force: true })
      }
      throw toWriteError(error, what)
    }
  }

  /** Bytes written so far, which is the offset of the next ones. */
  get sizeBytes(): number {
    return this.#written + this.#filled
  }

  /**
   * Appends bytes. Large writes, which may wait for the disk, run on another thread.
   *
   * @throws {DependencyError} `disk_full`, `write_failed`.
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length < BLOCKING_BYTES) return this.append(bytes)
    this.#flush()
    this.#hash.update(bytes)
    await this.#try(() => writeAll(this.#handle, bytes))
    this.#written += bytes.length
  }

  /**
   * Appends a few bytes, and blocks when the buffer is full: for callers that append millions of short pieces.
   *
   * @throws {DependencyError} `disk_full`, `write_failed`.
   */
  append(bytes: Uint8Array): void {
    if (bytes.length > BUFFER_BYTES) {
      this.#flush()
      this.#put(bytes)
      return
    }
    if (this.#filled + bytes.length > BUFFER_BYTES) this.#flush()
    this.#buffer ??= Buffer.allocUnsafe(BUFFER_BYTES)
    this.#buffer.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  /**
   * Makes the bytes durable, closes the file and keeps it. The name is durable once its folder is synced.
   *
   * @throws {DependencyError} `disk_full`, `write_failed`.
   */
  async finish(): Promise<FileDigest> {
    this.#flush()
    await this.#try(() => this.#handle.sync())
    await this.#close()
    this.#state = "finished"
    return { sizeBytes: this.#written, sha256: this.#hash.digest("hex") }
  }

  /** Renames the finished file. @throws {DependencyError} `write_failed`. */
  async moveTo(place: string | Buffer): Promise<void> {
    await this.#try(() => rename(this.path, place))
  }

  /** Closes the file; removes it if it was not finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "finished") return
    await this.#close()
    await rm(this.path, { force: true })
  }

  #flush(): void {
    if (this.#buffer === undefined || this.#filled === 0) return
    const bytes = this.#buffer.subarray(0, this.#filled)
    this.#filled = 0
    this.#put(bytes)
  }

  #put(bytes: Uint8Array): void {
    this.#hash.update(bytes)
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#handle.fd, bytes, done)
    } catch (error) {
      throw toWriteError(error, this.#what)
    }
    this.#written += bytes.length
  }

  async #try<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (error) {
      throw toWriteError(error, this.#what)
    }
  }

  async #close(): Promise<void> {
    if (this.#state !== "open") return
    this.#state = "closed"
    await this.#handle.close()
  }
}

/**
 * Writes a complete new file. Its name is durable once its folder is synced.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`; no file is left then.
 */
export async function writeNewFile(
  path: string,
  content: string | Uint8Array,
  options: NewFileOptions,
): Promise<FileDigest> {
  await using file = await NewFile.create(path, options)
  await file.write(typeof content === "string" ? Buffer.from(content, "utf8") : content)
  return await file.finish()
}
