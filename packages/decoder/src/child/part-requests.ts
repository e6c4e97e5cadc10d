import type { WantMessage } from "../protocol.ts"
import { SourceError } from "./open-item.ts"

type Want = WantMessage["want"]

/** Parts of streams that were asked for, at most one for each item. */
export class PartRequests {
  readonly #send: (want: Want) => void
  readonly #waiting = new Map<number, (payload: Uint8Array) => void>()

  constructor(send: (want: Want) => void) {
    this.#send = send
  }

  /** @throws {SourceError} where the parent cannot read it, or has fewer bytes. */
  async ask(want: Want): Promise<Uint8Array> {
    const part = await new Promise<Uint8Array>((resolve) => {
      this.#waiting.set(want.id, resolve)
      this.#send(want)
    })
    if (part.length !== want.length) throw new SourceError("expected the part of a stream")
    return part
  }

  /** Passes on what the parent sent for an item. */
  deliver(id: number, payload: Uint8Array): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(payload)
  }
}
