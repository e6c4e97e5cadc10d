import { RequestError } from "@nightlight/core"
import type { DigestQuery, EntryHit, ListIndex, ListInfo, PdqHit } from "@nightlight/screening"

/** An index that is still being read, while items can be fingerprinted. Disposing of it waits, and closes it. */
export class LoadingIndex implements ListIndex, AsyncDisposable {
  readonly #opening: Promise<ListIndex & AsyncDisposable>
  #index: ListIndex | undefined

  constructor(opening: Promise<ListIndex & AsyncDisposable>) {
    this.#opening = opening
    // The error reaches those who wait for it.
    opening.catch(() => undefined)
  }

  /**
   * Resolves when look-ups are possible.
   *
   * @throws the error of opening it.
   */
  async ready(): Promise<void> {
    this.#index = await this.#opening
  }

  get version(): number {
    return this.#opened.version
  }

  get lists(): readonly ListInfo[] {
    return this.#opened.lists
  }

  matchDigests(digests: DigestQuery): readonly EntryHit[] {
    return this.#opened.matchDigests(digests)
  }

  digestPrefixes(type: "md5" | "sha1" | "sha256" | "url") {
    return this.#opened.digestPrefixes?.(type)
  }

  matchPdq(hashes: Uint8Array): readonly PdqHit[] {
    return this.#opened.matchPdq(hashes)
  }

  entryHash(hit: EntryHit): string {
    return this.#opened.entryHash(hit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening.catch(() => undefined)
    await opened?.[Symbol.asyncDispose]()
  }

  get #opened(): ListIndex {
    if (this.#index === undefined) throw new RequestError("state_conflict", "expected the index to be read first")
    return this.#index
  }
}
