import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Lz4Error } from "../src/containers/compression/lz4.ts"
import { deflateLz4Frame, inflateLz4Frame } from "../src/containers/compression/lz4-frame.ts"

/** Bytes with repeats, as texts have them. */
const bytes = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 40 })), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([part, count]) => Array.from({ length: count }, () => part))))

describe("an LZ4 frame", () => {
  it("inflates to the bytes that were compressed", () => {
    fc.assert(
      fc.property(bytes, (source) => {
        const frame = deflateLz4Frame(source)
        expect(Buffer.from(inflateLz4Frame(frame, source.length)).equals(source)).toBe(true)
      }),
    )
  })

  it("is smaller than bytes that repeat", () => {
    expect(deflateLz4Frame(Buffer.alloc(2 ** 20, "words ")).length).toBeLessThan(2 ** 14)
  })

  it("is refused where it is cut short, inflates to more than it may, or has bytes behind it", () => {
    const source = Buffer.alloc(1_000, "words ")
    const frame = deflateLz4Frame(source)
    for (let length = 0; length < frame.length; length++) {
      expect(() => inflateLz4Frame(frame.subarray(0, length), source.length)).toThrow(Lz4Error)
    }
    expect(() => inflateLz4Frame(frame, source.length - 1)).toThrow(Lz4Error)
    expect(() => inflateLz4Frame(Buffer.concat([frame, Buffer.alloc(8)]), source.length)).toThrow(Lz4Error)
  })
})
