import type { LoadedIndex } from "./loaded-index.ts"

/** A loaded index that is replaced while work runs on it: it closes once it was retired and the last work has ended. */
export class IndexInUse {
  readonly index: LoadedIndex
  #users = 0
  #isRetired = false

  constructor(index: LoadedIndex) {
    this.index = index
  }

  /** Runs work on the index, which stays open until the work has ended. */
  async use<Result>(work: (index: LoadedIndex) => Promise<Result>): Promise<Result> {
    this.#users++
    try {
      return await work(this.index)
    } finally {
      this.#users--
      if (this.#isRetired && this.#users === 0) await this.index.close()
    }
  }

  /** Closes the index now, or after the last work. No new work may begin. */
  async retire(): Promise<void> {
    this.#isRetired = true
    if (this.#users === 0) await this.index.close()
  }
}
