import fc from "fast-check"
import { expect, it } from "vitest"
import { fromBase64Url, toBase64Url } from "../src/custodian/index.ts"

it("writes what Node writes, and reads it again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString("base64url"))
      expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes))
    }),
  )
})

it("reads nothing else: of any text either it is the one way to write its bytes, or it is refused", () => {
  const text = fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9_-]*$/))
  fc.assert(
    fc.property(text, (given) => {
      let bytes: Uint8Array | undefined
      try {
        bytes = fromBase64Url(given)
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
      if (bytes !== undefined) expect(toBase64Url(bytes)).toBe(given)
    }),
  )
})

it.each(["A", "AB=", "A+B/", "AB C", "\u0141BCD"])("refuses %j", (text) => {
  expect(() => fromBase64Url(text)).toThrow(TypeError)
})
