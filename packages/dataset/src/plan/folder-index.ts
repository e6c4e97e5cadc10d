import type { ListedFile } from "../readers/listing.ts"

/** Files by folder, to find those below one folder without scanning all. */
export class FolderIndex {
  readonly #files = new Map<string, ListedFile[]>()
  readonly #folders: readonly string[]

  constructor(files: Iterable<ListedFile>) {
    for (const file of files) {
      // One character per byte, so the strings sort like the bytes.
      const folder = file.path.toString("latin1", 0, file.path.lastIndexOf(0x2f) + 1)
      const known = this.#files.get(folder)
      if (known === undefined) this.#files.set(folder, [file])
      else known.push(file)
    }
    this.#folders = [...this.#files.keys()].sort()
  }

  /** Files in a folder and in those inside it. @param folder - With its slash; empty for all. */
  *below(folder: Buffer): Generator<ListedFile, void> {
    const prefix = folder.toString("latin1")
    for (let offset = this.#firstNotBefore(prefix); offset < this.#folders.length; offset++) {
      const name = this.#folders[offset] ?? ""
      if (!name.startsWith(prefix)) return
      yield* this.#files.get(name) ?? []
    }
  }

  #firstNotBefore(prefix: string): number {
    let [low, high] = [0, this.#folders.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#folders[middle] ?? "") < prefix) low = middle + 1
      else high = middle
    }
    return low
  }
}
