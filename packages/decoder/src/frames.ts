/**
 * The framing between a decoder child and its parent: two little-endian 32-bit lengths, a JSON header, a payload.
 * @module
 */

/** One message. */
export interface Frame {
  readonly header: unknown
  /** May share memory with the chunk that brought it. */
  readonly payload: Uint8Array
}

/** Largest header and payload; a peer that exceeds them counts as broken. */
export interface FrameLimits {
  readonly maxHeaderBytes: number
  readonly maxPayloadBytes: number
}

/** Thrown when the peer sends an invalid frame. */
export class FrameError extends Error {
  override name = "FrameError"
}

const PREFIX_BYTES = 8
const NOTHING = new Uint8Array(0)

/** Writes the prefix and header of a frame; the caller writes the payload of `payloadBytes` bytes after it. */
export function encodeFrame(header: unknown, payloadBytes = 0): Buffer {
  const json = JSON.stringify(header)
  const headerBytes = Buffer.byteLength(json)
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + headerBytes)
  frame.writeUInt32LE(headerBytes, 0)
  frame.writeUInt32LE(payloadBytes, 4)
  frame.write(json, PREFIX_BYTES)
  return frame
}

/** Splits a stream of chunks into frames. Memory stays below one frame and one chunk. */
export class FrameReader {
  readonly #limits: FrameLimits
  readonly #onFrame: (frame: Frame) => void
  /** An incomplete frame or prefix. */
  #partial: Buffer = Buffer.alloc(0)
  #filled = 0

  constructor(limits: FrameLimits, onFrame: (frame: Frame) => void) {
    this.#limits = limits
    this.#onFrame = onFrame
  }

  /**
   * Adds the next bytes, and passes on every frame that they complete.
   *
   * @throws {FrameError} when the stream contains anything but frames within the limits.
   */
  push(chunk: Uint8Array): void {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    while (rest.length > 0) rest = this.#filled > 0 ? this.#continue(rest) : this.#begin(rest)
  }

  #begin(chunk: Buffer): Buffer {
    if (chunk.length < PREFIX_BYTES) return this.#keep(chunk, PREFIX_BYTES)
    const frameBytes = this.#frameBytes(chunk)
    if (chunk.length < frameBytes) return this.#keep(chunk, frameBytes)
    this.#deliver(chunk.subarray(0, frameBytes))
    return chunk.subarray(frameBytes)
  }

  #continue(chunk: Buffer): Buffer {
    const taken = Math.min(chunk.length, this.#partial.length - this.#filled)
    chunk.copy(this.#partial, this.#filled, 0, taken)
    this.#filled += taken
    if (this.#filled === this.#partial.length) {
      const done = this.#partial
      const frameBytes = this.#frameBytes(done)
      if (done.length < frameBytes) {
        this.#keep(done, frameBytes)
      } else {
        this.#partial = Buffer.alloc(0)
        this.#filled = 0
        this.#deliver(done)
      }
    }
    return chunk.subarray(taken)
  }

  #keep(bytes: Buffer, wanted: number): Buffer {
    this.#partial = Buffer.allocUnsafe(wanted)
    this.#filled = bytes.copy(this.#partial)
    return bytes.subarray(bytes.length)
  }

  #frameBytes(prefix: Buffer): number {
    const headerBytes = prefix.readUInt32LE(0)
    const payloadBytes = prefix.readUInt32LE(4)
    const { maxHeaderBytes, maxPayloadBytes } = this.#limits
    if (headerBytes === 0 || headerBytes > maxHeaderBytes || payloadBytes > maxPayloadBytes) {
      throw new FrameError("expected a frame within the limits")
    }
    return PREFIX_BYTES + headerBytes + payloadBytes
  }

  #deliver(frame: Buffer): void {
    const headerEnd = PREFIX_BYTES + frame.readUInt32LE(0)
    let header: unknown
    try {
      header = JSON.parse(frame.toString("utf8", PREFIX_BYTES, headerEnd))
    } catch {
      // The parser's message quotes its input.
      throw new FrameError("expected a header in JSON")
    }
    this.#onFrame({ header, payload: headerEnd === frame.length ? NOTHING : frame.subarray(headerEnd) })
  }
}
