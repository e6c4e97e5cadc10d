import type { Readable } from "node:stream"
import { type Deadline, timedOut } from "./deadline.ts"
import { failureOf, tooLarge } from "./failure.ts"
import { untilAborted } from "./resolve.ts"

/** Limits on one body. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly minBytesPerSecond: number
  readonly paceWindowMs: number
}

/**
 * Passes a body on in chunks, within its limits. Only time spent waiting for the host counts towards its pace.
 *
 * @throws {RequestError} `too_large`, before the chunk that exceeds the limit is passed on.
 * @throws {DependencyError} `timed_out`, `unavailable` or `answer_malformed`.
 */
export async function* limitedBody(
  body: Readable,
  limits: BodyLimits,
  host: string,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>
  const pace = new Pace(limits, () => deadline.fail(timedOut("slow_body", host)))
  let total = 0
  while (true) {
    const step = await pace.during(untilAborted(pieces.next(), deadline.signal)).catch((error: unknown) => {
      throw failureOf(error, host, deadline.signal)
    })
    if (step.done === true) return
    const piece = step.value
    total += piece.length
    if (total > limits.maxBytes) throw tooLarge(limits.maxBytes, host)
    pace.received(piece.length)
    deadline.signal.throwIfAborted()
    yield piece
  }
}

/** Measures how many bytes arrive in each window of waiting. */
class Pace {
  readonly #limits: BodyLimits
  readonly #tooSlow: () => void
  readonly #leastBytes: number
  #waitedMs = 0
  #bytes = 0

  constructor(limits: BodyLimits, tooSlow: () => void) {
    this.#limits = limits
    this.#tooSlow = tooSlow
    this.#leastBytes = (limits.minBytesPerSecond * limits.paceWindowMs) / 1000
  }

  async during<T>(wait: Promise<T>): Promise<T> {
    const startedMs = performance.now()
    const timer = setTimeout(this.#tooSlow, Math.max(1, this.#limits.paceWindowMs - this.#waitedMs))
    try {
      return await wait
    } finally {
      clearTimeout(timer)
      this.#waitedMs += performance.now() - startedMs
    }
  }

  received(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < this.#leastBytes) {
      if (this.#waitedMs >= this.#limits.paceWindowMs) this.#tooSlow()
      return
    }
    this.#waitedMs = 0
    this.#bytes = 0
  }
}

/** Reads a whole body, in memory that grows with the bytes received. */
export async function gather(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let bytes = new Uint8Array(64 * 1024)
  let length = 0
  for await (const piece of body) {
    if (length + piece.length > bytes.length) {
      const larger = new Uint8Array(Math.max(length + piece.length, bytes.length * 2))
      larger.set(bytes.subarray(0, length))
      bytes = larger
    }
    bytes.set(piece, length)
    length += piece.length
  }
  return bytes.subarray(0, length)
}
