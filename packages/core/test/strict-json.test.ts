import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { JSON_DEPTH_MAX, parseStrictJson } from "../src/index.ts"

const bytes = (text: string) => Buffer.from(text)
const refused = expect.objectContaining({ code: "input_invalid" })

describe("parseStrictJson", () => {
  it("reads what JSON.parse reads, for any value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as object), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text) && !/[\d.]e[+-]?\d|\d{16}/i.test(text))
        expect(parseStrictJson(bytes(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ["a duplicate key", '{"a":1,"a":2}'],
    ["a duplicate key, once escaped", '{"a":1,"\\u0061":2}'],
    ["a nested duplicate key", '[{"b":{"a":1,"c":[],"a":2}}]'],
    ["__proto__", '{"__proto__":{"x":1}}'],
    ["an escaped __proto__", '{"\\u005f_proto__":1}'],
    ["constructor", '{"constructor":{}}'],
    ["prototype", '{"a":{"prototype":1}}'],
    ["an integer beyond 2^53", '{"a":9007199254740993}'],
    ["a negative integer beyond 2^53", "[-9007199254740993]"],
    ["a number too large for a double", "[1e999]"],
    ["a duplicate key after a backslash", '{"a\\\\":1,"b":"\\\\\\"","a\\\\":2}'],
    ["too much depth", "[".repeat(JSON_DEPTH_MAX + 1) + "]".repeat(JSON_DEPTH_MAX + 1)],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["no JSON", "{a:1}"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(() => parseStrictJson(bytes(text))).toThrow(refused)
  })

  it("accepts the largest safe integers, and fractions", () => {
    const text = "[9007199254740991,-9007199254740991,0.30000000000000004,1.5e300,1E2,0,-0.5]"
    expect(parseStrictJson(bytes(text))).toEqual(JSON.parse(text))
  })

  it("accepts the same key in different objects, and keys' names as values", () => {
    expect(parseStrictJson(bytes('[{"a":1},{"a":"__proto__"},["a","a"]]'))).toEqual([
      { a: 1 },
      { a: "__proto__" },
      ["a", "a"],
    ])
  })

  it("refuses bytes that are not UTF-8", () => {
    expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(refused)
  })

  it("never quotes the body in an error", () => {
    expect(() => parseStrictJson(bytes('{"canary-key":1,"canary-key":2}'))).toThrow(/^(?!.*canary)/)
  })
})
