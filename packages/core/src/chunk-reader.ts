/** Reads a stream of chunks in parts of any length. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  /** Bytes that {@link take} gives without another chunk. */
  get heldBytes(): number {
    return this.#held.length
  }

  /** Reads a chunk where no bytes are held. @returns whether bytes are held; `false` only at the stream's end. */
  async fill(): Promise<boolean> {
    while (this.#held.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return false
      this.#held = next.value
    }
    return true
  }

  /** Takes up to `mostBytes` of the held bytes, as a view of the chunk. */
  take(mostBytes: number): Uint8Array {
    const bytes = this.#held.subarray(0, mostBytes)
    this.#held = this.#held.subarray(bytes.length)
    return bytes
  }
}
