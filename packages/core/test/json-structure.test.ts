import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { assertJsonBounds, JSON_BOUNDS, type JsonBounds, JsonStructure, parseStrictJson } from "../src/index.ts"

const small: JsonBounds = {
  depth: 3,
  values: 20,
  members: 4,
  stringBytes: 12,
  keyBytes: 5,
  escapes: 3,
  blankBytes: 8,
}
const refused = (what: string) =>
  expect.objectContaining({ code: "input_invalid", message: `the body cannot be read: ${what}` })
/** Pushes a text cut in two, in every possible way. */
const inPieces = (text: string, bounds = small) => {
  const bytes = Buffer.from(text)
  for (let cut = 0; cut <= bytes.length; cut++) {
    const structure = new JsonStructure(bounds)
    structure.push(bytes.subarray(0, cut))
    structure.push(bytes.subarray(cut))
  }
}

describe("the structure of a JSON text", () => {
  it("accepts text within the limits, wherever it is cut", () => {
    inPieces('{"a":[1,2,{"b":null}],"c":"\\"[{\\\\","dddd":-1.5e3}')
    inPieces('["[[[[[[[[[[",",,,,,,,,,,",{"\\"":1}]')
    inPieces(" [ 1 , 2 ] ")
    inPieces('{"a":1,"b":2,"c":3,"d":4}')
  })

  it.each([
    ["nested too deeply", "[[[[]]]]"],
    ["nested too deeply", '{"a":[{"b":[]}]}'],
    ["too many values", `[${"1,".repeat(20)}1]`],
    ["too many values", `[${"[],".repeat(10)}[]]`],
    ["an object has too many members", '{"a":1,"b":2,"c":3,"d":4,"e":5}'],
    ["a string is too long", '["1234567890123"]'],
    ["a key is too long", '{"a":1,"bbbbbb":2}'],
    ["too many escapes", '["\\n\\n","\\u0061\\""]'],
    ["too much space between values", `[${" ".repeat(9)}]`],
    ["a number is too long", `[${"1".repeat(1_025)}]`],
  ])("is refused with the reason: %s", (what, text) => {
    expect(() => inPieces(text)).toThrow(refused(what))
    for (let cut = 0; cut <= text.length; cut++) {
      const structure = new JsonStructure(small)
      const both = () => {
        structure.push(Buffer.from(text.slice(0, cut)))
        structure.push(Buffer.from(text.slice(cut)))
      }
      expect(both).toThrow(refused(what))
    }
  })

  it("gives the same result for any text whole and byte by byte", () => {
    const verdict = (push: (structure: JsonStructure) => void) => {
      try {
        push(new JsonStructure(small))
        return "within"
      } catch (error) {
        return (error as Error).message
      }
    }
    const text = fc
      .array(fc.constantFrom(...'[]{},:"\\ a1'.split("")), { maxLength: 60 })
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(text, (sample) => {
        const bytes = Buffer.from(sample)
        const whole = verdict((structure) => structure.push(bytes))
        const byBytes = (structure: JsonStructure) => {
          for (let index = 0; index < bytes.length; index++) structure.push(bytes.subarray(index, index + 1))
        }
        expect(verdict(byBytes)).toBe(whole)
      }),
      { numRuns: 2_000 },
    )
  })

  it("accepts every text that JSON.stringify writes of a value within the limits", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        assertJsonBounds(Buffer.from(JSON.stringify(value)))
      }),
    )
  })

  it("is checked before anything is parsed, so that refused text need not be JSON", () => {
    expect(() => parseStrictJson(Buffer.alloc(JSON_BOUNDS.depth + 1, "["))).toThrow(refused("nested too deeply"))
    expect(() => parseStrictJson(Buffer.alloc(JSON_BOUNDS.values + 1, ","))).toThrow(refused("too many values"))
  })
})
