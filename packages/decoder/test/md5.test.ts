import { hash } from "node:crypto"
import fc from "fast-check"
import { expect, it } from "vitest"
import { createMd5, MD5_LANES } from "../src/child/md5.ts"

const MAX_BYTES = 70_000
const md5 = createMd5(6, MAX_BYTES)

/** Digests messages in slots that still contain earlier messages. */
function digest(messages: readonly Uint8Array[], slots: readonly number[]): readonly string[] {
  const placed = messages.map((message, i) => ({ slot: slots[i] ?? 0, length: message.length }))
  for (const [i, { slot }] of placed.entries()) md5.slots[slot]?.set(messages[i] ?? [])
  return md5.digest(placed)
}

it("MD5 of up to four messages of any lengths equals OpenSSL's", () => {
  const lengths = fc.oneof(fc.nat(200), fc.nat(MAX_BYTES), fc.constantFrom(0, 55, 56, 63, 64, 119, 120, MAX_BYTES))
  const message = fc.tuple(lengths, fc.nat()).map(([length, seed]) => {
    const bytes = new Uint8Array(length)
    for (let index = 0, value = seed; index < length; index++) {
      value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 0
      bytes[index] = value >>> 16
    }
    return bytes
  })
  const messages = fc.array(message, { minLength: 1, maxLength: MD5_LANES })
  const slots = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: MD5_LANES, maxLength: MD5_LANES })
  fc.assert(
    fc.property(messages, slots, (some, places) => {
      expect(digest(some, places)).toEqual(some.map((one) => hash("md5", one)))
    }),
  )
})

it("MD5 does not change the messages", () => {
  const message = Uint8Array.from({ length: 1_000 }, (_, index) => index & 255)
  digest([message, message], [2, 3])
  expect(md5.slots[2]?.subarray(0, 1_000)).toEqual(message)
})

it("MD5 gives each slot all requested bytes, separate from the other slots", () => {
  for (const [position, slot] of md5.slots.entries()) slot.fill(position)
  for (const [position, slot] of md5.slots.entries()) expect(new Set(slot)).toEqual(new Set([position]))
})
