import { crc32 } from "node:zlib"
import { decodeName } from "../readers/entry-name.ts"
import type { ListedFile } from "../readers/listing.ts"
import { groupByStem } from "../readers/stem-groups.ts"

/**
 * Gathers files into chunks without splitting a sample.
 *
 * A chunk that is half full ends behind the first sample whose name's checksum says so, whatever stands before it. A file
 * that is added or removed therefore changes its own chunk and at most a few after it, and all others stay as they are.
 */
export class Chunker {
  readonly #filesPerShard: number
  readonly #chunks: ListedFile[][] = []
  #current: ListedFile[] = []

  constructor(filesPerShard: number) {
    this.#filesPerShard = filesPerShard
  }

  /** Adds the files of one folder; all of a sample's files are in one folder. */
  addFolder(files: readonly ListedFile[]): void {
    for (const group of groupByStem(files, (file) => decodeName(file.path))) {
      if (this.#current.length > 0 && this.#current.length + group.files.length > this.#filesPerShard) this.#flush()
      for (const file of group.files) this.#current.push(file)
      if (this.#current.length >= this.#filesPerShard / 2 && this.#endsChunk(group.files)) this.#flush()
    }
  }

  /** Closes the last chunk and returns all of them. */
  finish(): readonly (readonly ListedFile[])[] {
    if (this.#current.length > 0) this.#flush()
    return this.#chunks
  }

  /** One sample in a quarter of a chunk. */
  #endsChunk([first]: readonly ListedFile[]): boolean {
    const oneIn = Math.ceil(this.#filesPerShard / 4)
    return first !== undefined && crc32(first.path) % oneIn === 0
  }

  #flush(): void {
    this.#chunks.push(this.#current)
    this.#current = []
  }
}
