import { SNIFF_BYTES } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { MAX_PART_BYTES } from "../src/protocol.ts"
import { StreamOrder } from "../src/stream-order.ts"

const MEGABYTE = 2 ** 20

describe("the order of a stream's parts", () => {
  it.each([1, 100, SNIFF_BYTES, MAX_PART_BYTES, 3 * MAX_PART_BYTES + 5])(
    "allows the head, and then every part from the start: %d bytes",
    (length) => {
      const order = new StreamOrder(length)
      expect(order.accept(0, Math.min(SNIFF_BYTES, length))).toBe(true)
      for (let offset = 0; offset < length; offset += MAX_PART_BYTES) {
        expect(order.accept(offset, Math.min(MAX_PART_BYTES, length - offset))).toBe(true)
      }
      expect(order.accept(length, 1)).toBe(false)
      expect(order.accept(0, Math.min(MAX_PART_BYTES, length))).toBe(false)
    },
  )

  it("never allows more demands than two readings take, nor bytes beyond the end", () => {
    const length = 3 * MEGABYTE + 5
    const offsets = fc.constantFrom(0, SNIFF_BYTES, ...[1, 2, 3].flatMap((n) => [n * MEGABYTE, n * MEGABYTE + 4096]))
    const lengths = fc.constantFrom(1, 5, SNIFF_BYTES, MEGABYTE - 1, MEGABYTE)
    fc.assert(
      fc.property(fc.array(fc.tuple(offsets, lengths), { maxLength: 200 }), (demands) => {
        const order = new StreamOrder(length)
        const taken = demands.filter(([offset, wanted]) => order.accept(offset, wanted))
        expect(taken.length).toBeLessThanOrEqual(2 * Math.ceil(length / MAX_PART_BYTES) + 2)
        for (const [offset, wanted] of taken) expect(offset + wanted).toBeLessThanOrEqual(length)
      }),
    )
  })
})
