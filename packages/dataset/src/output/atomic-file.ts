/**
 * A file that appears whole, or not at all.
 * @module
 */
import { createHash } from "node:crypto"
import { closeSync, fsync, open, rename, unlinkSync, write, writeSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { writing } from "./errors.ts"
import type { OutputFolder } from "./folder.ts"

const BUFFER_BYTES = 2 ** 20
/** So much goes to the system's cache faster than another thread could be asked to put it there. */
const AT_ONCE_BYTES = 2 ** 18

const openAsync = promisify(open)
const writeAsync = promisify(write)
const fsyncAsync = promisify(fsync)
const renameAsync = promisify(rename)

/**
 * A file under way; `finish` makes its bytes durable, `publish` gives it its name. Whatever may wait for the disk's
 * journal is left to another thread, so that screening goes on.
 */
export class AtomicFile implements Disposable {
  readonly #path: string
  readonly #fd: number
  readonly #hash = createHash("sha256")
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #sizeBytes = 0
  #isOpen = true
  #isPublished = false

  private constructor(path: string, fd: number) {
    this.#path = path
    this.#fd = fd
  }

  /** Begins a file in the output's temporary folder. */
  static async create(output: OutputFolder, name: string): Promise<AtomicFile> {
    const path = join(output.temporary, name)
    return new AtomicFile(path, await writing(() => openAsync(path, "wx", 0o644)))
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
    await writing(() => fsyncAsync(this.#fd))
    this.#close()
    return this.#hash.digest("hex")
  }

  /** Renames the finished file into its place. */
  async publish(place: Buffer): Promise<void> {
    await writing(() => renameAsync(this.#path, place))
    this.#isPublished = true
  }

  /** Closes the file; one that was not published is removed. */
  [Symbol.dispose](): void {
    this.#close()
    if (!this.#isPublished) unlinkSync(this.#path)
    this.#isPublished = true
  }

  async #flush(): Promise<void> {
    const bytes = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    if (bytes === undefined) return
    await writing(async () => {
      for (let done = 0; done < bytes.length; ) {
        const length = bytes.length - done
        done +=
          length <= AT_ONCE_BYTES
            ? writeSync(this.#fd, bytes, done, length)
            : (await writeAsync(this.#fd, bytes, done, length)).bytesWritten
      }
    })
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#fd)
  }
}

/** Makes renames in a folder durable. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  await writing(async () => {
    const fd = await openAsync(folder, "r")
    try {
      await fsyncAsync(fd)
    } finally {
      closeSync(fd)
    }
  })
}
