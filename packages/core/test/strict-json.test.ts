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
    ["a key twice", '{"a":1,"a":2}'],
    ["a key twice, once escaped", '{"a":1,"\\u0061":2}'],
    ["a key twice further in", '[{"b":{"a":1,"c":[],"a":2}}]'],
    ["__proto__", '{"__proto__":{"x":1}}'],
    ["an escaped __proto__", '{"\\u005f_proto__":1}'],
    ["constructor", '{"constructor":{}}'],
    ["prototype", '{"a":{"prototype":1}}'],
    ["an integer beyond 2^53", '{"a":9007199254740993}'],
    ["a negative one", "[-9007199254740993]"],
    ["a number beyond all numbers", "[1e999]"],
    ["a key twice, behind a backslash", '{"a\\\\":1,"b":"\\\\\\"","a\\\\":2}'],
    ["too much depth", "[".repeat(JSON_DEPTH_MAX + 1) + "]".repeat(JSON_DEPTH_MAX + 1)],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["no JSON", "{a:1}"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(() => parseStrictJson(bytes(text))).toThrow(refused)
  })

  it("takes the largest integers there are, and fractions", () => {
    const text = "[9007199254740991,-9007199254740991,0.30000000000000004,1.5e300,1E2,0,-0.5]"
    expect(parseStrictJson(bytes(text))).toEqual(JSON.parse(text))
  })

  it("takes the same key in different objects, and keys' names as values", () => {
    expect(parseStrictJson(bytes('[{"a":1},{"a":"__proto__"},["a","a"]]'))).toEqual([
      { a: 1 },
      { a: "__proto__" },
      ["a", "a"],
    ])
  })

  it("refuses bytes that are not UTF-8", () => {
    expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(refused)
  })

  it("quotes nothing of the body", () => {
    expect(() => parseStrictJson(bytes('{"canary-key":1,"canary-key":2}'))).toThrow(/^(?!.*canary)/)
  })
})
