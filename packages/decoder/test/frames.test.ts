import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeFrame, FrameError, FrameReader } from "../src/frames.ts"

const LIMITS = { maxHeaderBytes: 4096, maxPayloadBytes: 4096 }

interface Message {
  readonly header: unknown
  readonly payload: Uint8Array
}

const message = fc.record({ header: fc.jsonValue({ maxDepth: 2 }), payload: fc.uint8Array({ maxLength: 300 }) })

const encode = ({ header, payload }: Message) => Buffer.concat([encodeFrame(header, payload.length), payload])

/** Pushes bytes in chunks of the given sizes, repeatedly, and keeps copies of the messages. */
function readInPieces(bytes: Buffer, sizes: readonly number[]): Message[] {
  const seen: Message[] = []
  const reader = new FrameReader(LIMITS, ({ header, payload }) =>
    seen.push({ header, payload: Uint8Array.from(payload) }),
  )
  for (let offset = 0, i = 0; offset < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    reader.push(bytes.subarray(offset, offset + size))
    offset += size
  }
  return seen
}

describe("FrameReader", () => {
  it("returns the written messages, however the stream is cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), sizes, (messages, cuts) => {
        const plain = messages.map(({ header, payload }) => ({ header: JSON.parse(JSON.stringify(header)), payload }))
        expect(readInPieces(Buffer.concat(messages.map(encode)), cuts)).toEqual(plain)
      }),
    )
  })

  it.each<[string, Buffer]>([
    ["a header beyond the limit", Buffer.from([1, 0x10, 0, 0, 0, 0, 0, 0])],
    ["a payload beyond the limit", Buffer.from([2, 0, 0, 0, 1, 0x10, 0, 0])],
    ["an empty header", Buffer.alloc(8)],
    ["a header that is not JSON", Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b])],
  ])("refuses %s", (_, bytes) => {
    const reader = new FrameReader(LIMITS, () => {})
    expect(() => reader.push(bytes)).toThrow(FrameError)
  })

  it("throws or waits on random bytes, and does nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = new FrameReader(LIMITS, () => {})
        try {
          reader.push(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError)
        }
      }),
    )
  })
})
