import { expectLinearSteps, HARD_RULES } from "@nightlight/dev-env/patterns/growth"
import { expectFoundInPieces } from "@nightlight/dev-env/patterns/pieces"
import { compileRules, scanText } from "@nightlight/patterns"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { DECODERS } from "../../src/checks/patterns/decoders.ts"

describe("an encoded phrase in a stream", () => {
  const rules = compileRules(
    [
      { phrases: ["canary", "any"] },
      { phrases: ["nary c"], words: false },
      { phrases: [], patterns: ["ca[a-n]{1,3}ry [0-9]{1,2}"] },
    ],
    DECODERS,
  )

  it("is found across held and later text, wherever the stream is cut", () => {
    expectFoundInPieces(rules, [
      "canary",
      "c4n4ry!",
      "%63an%61ry",
      "\\u0063anary",
      "&#99;anary",
      "can&nbsp;&#x0000061;ry",
      "\\U00000063\\141nary",
      Buffer.from("a canary").toString("base64"),
      Buffer.from("a canary sang")
        .toString("base64")
        .replace(/(.{4})/g, "$1 "),
      Buffer.from("canary 12 x").toString("hex"),
      "c<b class='x'>an</b>&#97;ry",
      "canary 12",
    ])
  })
})

describe("a phrase in base64 in groups", () => {
  const rules = compileRules([{ phrases: ["blue canary"] }], DECODERS)
  const contents = [
    Buffer.from("a blue canary sang"),
    Buffer.from("é blue canary ✓ 你好"),
    Buffer.from("café blue canary sang", "latin1"),
    Buffer.from([0x80, 0x81, ...Buffer.from("blue canary")]),
    Buffer.from([0xff, 0xfe, ...Buffer.from("x blue canary y")]),
  ]
  const separator = fc.constantFrom(" ", "  ", "\t", "\u00a0", "\u200b", "\n ", "\u3000")

  it("is found whatever their sizes, and whatever precedes it inside or outside the base64", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...contents),
        fc.constantFrom("base64", "base64url"),
        fc.constantFrom("", "x", "xy", "xyz"),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 }),
        separator,
        fc.constantFrom("", "so ", "the code is ", "abcd ", "é ", "x="),
        fc.constantFrom("", "it was", "."),
        (content, alphabet, glued, sizes, between, before, behind) => {
          const code = `${glued}${content.toString(alphabet as BufferEncoding)}`
          const groups: string[] = []
          for (let offset = 0, n = 0; offset < code.length; n++) {
            const size = sizes[n % sizes.length] ?? 1
            groups.push(code.slice(offset, offset + size))
            offset += size
          }
          const found = new Set<number>()
          const text = `${before}${groups.join(between)}${between}${behind}`
          scanText(rules, text, { open: false, onRule: (rule) => found.add(rule) })
          expect(found.size).toBe(1)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe("the time for decoding", () => {
  const rules = compileRules(HARD_RULES, DECODERS)

  it.each([
    ["a code in a code", Buffer.from(Buffer.from("aaaaaaaaaaaa").toString("base64")).toString("base64")],
    ["escapes", "%61%2561&#97;\\u0061"],
    ["hexadecimal", "61"],
  ])("grows linearly with repetitions of %s", (_, piece) => {
    expectLinearSteps(rules, piece)
  })
})
