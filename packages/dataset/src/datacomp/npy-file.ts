/**
 * Writes ids to a NumPy file whose length is known only at its end.
 * @module
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { removeStaleTemps, syncDir, tempName, toWriteError, writeAll } from "@nightlight/durable"
import { encodeHeader } from "./npy-header.ts"
import { UID_BYTES, UID_WORDS } from "./uid.ts"
import type { UidCursor } from "./uid-cursor.ts"

const BUFFER_UIDS = 2 ** 16

/** A NumPy file under a temporary name beside its place; removed unless it is finished. */
export class NpyFile implements AsyncDisposable {
  readonly #path: string
  readonly #temp: string
  readonly #handle: FileHandle
  readonly #words = new Uint32Array(BUFFER_UIDS * UID_WORDS)
  #filled = 0
  #count = 0
  #isOpen = true

  private constructor(path: string, temp: string, handle: FileHandle) {
    this.#path = path
    this.#temp = temp
    this.#handle = handle
  }

  /**
   * Begins a file. What a killed process left beside it is removed.
   *
   * @param mode - Permission bits, such as `0o600`; the process's umask still applies.
   * @throws {DependencyError} `disk_full`, `write_failed`.
   */
  static async create(path: string, mode: number): Promise<NpyFile> {
    const temp = join(dirname(path), tempName())
    try {
      await removeStaleTemps(dirname(path))
      const file = new NpyFile(path, temp, await open(temp, "wx", mode))
      // As long as the one that replaces it.
      await writeAll(file.#handle, encodeHeader(0))
      return file
    } catch (error) {
      throw toWriteError(error, "a list of ids")
    }
  }

  /** How many ids it has. */
  get count(): number {
    return this.#count
  }

  /** Whether {@link flush} must be called before the next id. */
  get isFull(): boolean {
    return this.#filled === BUFFER_UIDS
  }

  /** Adds a cursor's id. */
  add({ words, at }: UidCursor): void {
    const to = this.#filled * UID_WORDS
    for (let word = 0; word < UID_WORDS; word++) this.#words[to + word] = words[at + word] as number
    this.#filled++
    this.#count++
  }

  /** Writes the ids that were added. @throws {DependencyError} `disk_full`, `write_failed`. */
  async flush(): Promise<void> {
    await this.#try(() => writeAll(this.#handle, new Uint8Array(this.#words.buffer, 0, this.#filled * UID_BYTES)))
    this.#filled = 0
  }

  /** Writes the header, and gives the file its name once all of it is on disk; a file of that name is replaced. */
  async finish(): Promise<void> {
    await this.flush()
    const header = encodeHeader(this.#count)
    await this.#try(async () => {
      await this.#handle.write(header, 0, header.length, 0)
      await this.#handle.sync()
      await this.#close()
      await rename(this.#temp, this.#path)
      await syncDir(dirname(this.#path))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    await rm(this.#temp, { force: true })
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#handle.close()
  }

  async #try(operation: () => Promise<void>): Promise<void> {
    try {
      await operation()
    } catch (error) {
      throw toWriteError(error, "a list of ids")
    }
  }
}
