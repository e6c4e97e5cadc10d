import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fromHex, HASH_BYTES, hammingDistance, MATCH_MIN_QUALITY, MATCH_RADIUS_BITS, toHex } from "../src/index.ts"

const zeros = new Uint8Array(HASH_BYTES)
const hashes = fc.uint8Array({ minLength: HASH_BYTES, maxLength: HASH_BYTES })

/** A hash of zeros with `count` bits set, spread over the bytes. */
function withBits(count: number): Uint8Array {
  const hash = new Uint8Array(HASH_BYTES)
  for (let i = 0; i < count; i++) hash[i % HASH_BYTES]! |= 1 << Math.floor(i / HASH_BYTES)
  return hash
}

describe("hammingDistance", () => {
  it.each([0, 1, 31, 32, 255, 256])("counts %i differing bits", (bits) => {
    expect(hammingDistance(zeros, withBits(bits))).toBe(bits)
  })

  it("is a metric", () => {
    fc.assert(
      fc.property(hashes, hashes, hashes, (a, b, c) => {
        expect(hammingDistance(a, b)).toBe(hammingDistance(b, a))
        expect(hammingDistance(a, a)).toBe(0)
        expect(hammingDistance(a, c)).toBeLessThanOrEqual(hammingDistance(a, b) + hammingDistance(b, c))
      }),
    )
  })

  it.each([0, 31, 33])("refuses a hash of %i bytes on either side", (length) => {
    const malformed = expect.objectContaining({ name: "PdqError", code: "hash_malformed" })
    expect(() => hammingDistance(zeros, new Uint8Array(length))).toThrow(malformed)
    expect(() => hammingDistance(new Uint8Array(length), zeros)).toThrow(malformed)
  })

  it("refuses values that are not bytes", () => {
    expect(() => hammingDistance(zeros, "00".repeat(32) as never)).toThrow(/expected a hash of 32 bytes, got string/)
  })
})

describe("hexadecimal", () => {
  it("round-trips", () => {
    fc.assert(
      fc.property(hashes, (hash) => {
        expect([...fromHex(toHex(hash))]).toEqual([...hash])
      }),
    )
  })

  it("starts with bit 255 and is read in either case", () => {
    const hash = withBits(0)
    hash[0] = 0x80
    hash[31] = 0x0f
    expect(toHex(hash)).toBe(`80${"0".repeat(60)}0f`)
    expect(fromHex(`80${"0".repeat(60)}0F`)).toEqual(hash)
  })

  it.each(["", "0".repeat(63), "0".repeat(65), `${"0".repeat(63)}g`, ` ${"0".repeat(64)}`, `${"0".repeat(64)}\n`])(
    "refuses %j",
    (hex) => {
      expect(() => fromHex(hex)).toThrow(expect.objectContaining({ code: "hash_malformed" }))
    },
  )

  it("is never repeated in an error's message when it is malformed", () => {
    expect(() => fromHex("sensitive")).toThrow(/^expected 64 hexadecimal digits, got 9 characters$/)
    expect(() => fromHex(undefined as never)).toThrow(/got undefined/)
  })

  it("is not written for a hash of the wrong length", () => {
    expect(() => toHex(zeros.subarray(1))).toThrow(expect.objectContaining({ code: "hash_malformed" }))
  })
})

it("the package exports the recommended thresholds", () => {
  expect([MATCH_RADIUS_BITS, MATCH_MIN_QUALITY]).toEqual([31, 50])
})
