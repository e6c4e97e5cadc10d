import fc from "fast-check"
import { expect, it } from "vitest"
import { GuardRefusal } from "../src/errors.ts"
import { pictureBase64 } from "../src/inspect/pictures.ts"
import { Walk } from "../src/inspect/walk.ts"

function read(base64: string): Uint8Array | undefined {
  const walk = new Walk("refuse", "user")
  pictureBase64(base64, "x", walk)
  const [item] = walk.items
  return item?.kind === "bytes" ? item.bytes : undefined
}

it("a picture in base64 is decoded to its exact bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      expect(Buffer.from(read(Buffer.from(bytes).toString("base64")) ?? [])).toEqual(Buffer.from(bytes))
    }),
  )
})

it("base64 that two readers could decode differently is refused", () => {
  const odd = fc.constantFrom("-", "_", "=", "\n", " ", "%", "\u0000", "é", ",", "====", "A", "AB", "ABC")
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3, maxLength: 60 }), odd, fc.nat(100), (bytes, added, where) => {
      const base64 = Buffer.from(bytes).toString("base64")
      const offset = where % (base64.length + 1)
      expect(() => read(base64.slice(0, offset) + added + base64.slice(offset))).toThrow(GuardRefusal)
    }),
  )
  for (const bad of ["", "=", "====", "AA=A", "A===", "AB-_", "AAAA====", "data" + "\n"]) {
    expect(() => read(bad)).toThrow(GuardRefusal)
  }
})
