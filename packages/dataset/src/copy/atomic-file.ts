/**
 * A file that appears whole, or not at all.
 * @module
 */
import { createHash } from "node:crypto"
import { type FileHandle, open, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { writing } from "./output-errors.ts"
import type { OutputFolder } from "./output-folder.ts"

const BUFFER_BYTES = 2 ** 20

/** A file under way; `finish` makes its bytes durable, `publish` gives it its name. */
export class AtomicFile implements AsyncDisposable {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #hash = createHash("sha256")
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #sizeBytes = 0
  #isOpen = true

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  /** Begins a file in the output's temporary folder. */
  static async create(output: OutputFolder, name: string): Promise<AtomicFile> {
    const path = join(output.temporary, name)
    return new AtomicFile(path, await writing(() => open(path, "wx", 0o644)))
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Appends bytes, which must not change until the file is finished. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#sizeBytes += bytes.length
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pendingBytes >= BUFFER_BYTES) await this.#flush()
  }

  /**
   * Makes the bytes durable.
   *
   * @returns Lower-case hexadecimal SHA-256 of all of them.
   */
  async finish(): Promise<string> {
    await this.#flush()
    await writing(() => this.#handle.sync())
    await this.#close()
    return this.#hash.digest("hex")
  }

  /** Renames the finished file into its place. */
  async publish(place: Buffer): Promise<void> {
    await writing(() => rename(this.#path, place))
  }

  /** Closes the file; one that was not published is removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    await rm(this.#path, { force: true })
  }

  async #flush(): Promise<void> {
    const bytes = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    if (bytes === undefined) return
    await writing(async () => {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#handle.write(bytes, done, bytes.length - done)).bytesWritten
      }
    })
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#handle.close()
  }
}

/** Makes renames in a folder durable. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  await writing(async () => {
    const handle = await open(folder, "r")
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}
