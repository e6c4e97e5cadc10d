import { decodeName } from "../readers/entry-name.ts"
import type { ListedFile } from "../readers/listing.ts"
import { groupByStem } from "../readers/stem-groups.ts"

/** Gathers files into chunks without splitting a sample. */
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
    }
  }

  /** Closes the last chunk and returns all of them. */
  finish(): readonly (readonly ListedFile[])[] {
    if (this.#current.length > 0) this.#flush()
    return this.#chunks
  }

  #flush(): void {
    this.#chunks.push(this.#current)
    this.#current = []
  }
}
