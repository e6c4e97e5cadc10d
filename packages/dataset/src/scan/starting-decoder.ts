import { type Fingerprinter, type FingerprinterOptions, openFingerprinter } from "@nightlight/screening"

/** A decoder whose children may start while a scan is still being claimed. Disposing of it waits, and ends them. */
export class StartingDecoder implements AsyncDisposable {
  #opening: Promise<Fingerprinter> | undefined

  /** Starts the children; their error reaches those who ask for {@link opened}. */
  start(options: FingerprinterOptions): void {
    this.#opening = openFingerprinter(options)
    this.#opening.catch(() => undefined)
  }

  /**
   * The decoder; undefined where its children were not started. Rejects as `openFingerprinter` does. Whoever disposes of
   * it ends the children sooner.
   */
  get opened(): Promise<Fingerprinter> | undefined {
    return this.#opening
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const decoder = await this.#opening?.catch(() => undefined)
    await decoder?.[Symbol.asyncDispose]()
  }
}
