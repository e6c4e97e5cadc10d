import fc from "fast-check"
import { expect, it } from "vitest"
import { CredentialId, fromBase64Url, P256PublicKey, PersonSignature, toBase64Url } from "../src/custodian/index.ts"

it("writes what Node writes, and reads it again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString("base64url"))
      expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes))
    }),
  )
})

it("refuses any text that is not the only way to write its bytes", () => {
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

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

it.each([
  ["a key", P256PublicKey, Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)])],
  ["a signature", PersonSignature, Buffer.alloc(64, 7)],
  ["a credential's id of 16 bytes", CredentialId, Buffer.alloc(16, 7)],
  ["a credential's id of 20 bytes", CredentialId, Buffer.alloc(20, 7)],
  ["a credential's id of 1023 bytes", CredentialId, Buffer.alloc(1023, 7)],
])("takes %s in one text alone", (_, schema, bytes) => {
  const text = bytes.toString("base64url")
  const sameBytes = ALPHABET.split("")
    .map((last) => `${text.slice(0, -1)}${last}`)
    .filter((other) => Buffer.from(other, "base64url").equals(bytes))
  expect(sameBytes.filter((other) => schema.safeParse(other).success)).toEqual([text])
})

it("refuses a key that is compressed, hybrid or of another length", () => {
  for (const first of [0, 2, 3, 5, 6, 7, 0x44, 0x84, 0xff]) {
    const point = Buffer.concat([Buffer.from([first]), Buffer.alloc(64, 7)])
    expect(P256PublicKey.safeParse(point.toString("base64url")).success).toBe(false)
  }
  for (const length of [64, 66]) {
    const point = Buffer.concat([Buffer.from([4]), Buffer.alloc(length - 1, 7)])
    expect(P256PublicKey.safeParse(point.toString("base64url")).success).toBe(false)
  }
})
