import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canonicalJson, type JsonValue } from "../src/index.ts"

describe("canonicalJson", () => {
  it("writes members in the order of their keys, whatever their original order", () => {
    expect(canonicalJson({ b: 1, a: [true, null], c: { z: "\u2028", y: undefined } })).toBe(
      '{"a":[true,null],"b":1,"c":{"z":"\u2028"}}',
    )
  })

  it("reads back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        expect(JSON.parse(canonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it("refuses a number that JSON cannot express", () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError)
  })
})
