import { expectLinearSteps, HARD_RULES } from "@nightlight/dev-env/patterns/growth"
import { expectFoundInPieces, found, messy } from "@nightlight/dev-env/patterns/pieces"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compileRules } from "../src/compile.ts"
import { createMatcher } from "../src/expressions/matcher.ts"
import { compilePatterns } from "../src/expressions/nfa.ts"
import { parsePattern } from "../src/expressions/parse.ts"
import { createAutomaton } from "../src/phrases/automaton.ts"
import { scanText } from "../src/scan-text.ts"
import { normalise, normalisePoint } from "../src/view/normalise.ts"

const unitsOf = (text: string) => Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
const tiny = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 6 })

describe("the normalised view", () => {
  it("is idempotent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const once = normalise(text).toString()
        expect(normalise(once).toString()).toBe(once)
      }),
    )
  })

  it("leaves every code point in its final form", () => {
    const unsettled: number[] = []
    for (let point = 0; point <= 0x10ffff; point++) {
      for (const character of normalisePoint(point)) {
        if (normalisePoint(character.codePointAt(0) as number) !== character) unsettled.push(point)
      }
    }
    expect(unsettled).toEqual([])
  })

  it("is the same for a part of a text as in the whole text", () => {
    fc.assert(
      fc.property(messy, messy, (a, b) => {
        const joined = normalise(`${a}x${b}`).toString()
        expect(joined).toBe(normalise(a).toString() + normalise(`x${b}`).toString())
      }),
    )
  })
})

describe("the automaton", () => {
  it("finds what a naive search finds", () => {
    fc.assert(
      fc.property(
        fc.array(tiny, { minLength: 1, maxLength: 12 }),
        fc.string({ unit: fc.constantFrom("a", "b", "c", "d") }),
        (phrases, text) => {
          const found: string[] = []
          createAutomaton(phrases.map(unitsOf)).scan(unitsOf(text), text.length, (offset, end) =>
            found.push(`${offset}@${end}`),
          )
          const naive = phrases.flatMap((phrase, index) =>
            Array.from({ length: text.length }, (_, end) => end)
              .filter((end) => text.slice(0, end + 1).endsWith(phrase))
              .map((end) => `${index}@${end}`),
          )
          expect(found.sort()).toEqual(naive.sort())
        },
      ),
    )
  })

  it("reports exactly how much of the end may begin a phrase", () => {
    fc.assert(
      fc.property(fc.array(tiny, { minLength: 1, maxLength: 8 }), tiny, (phrases, text) => {
        const { pending } = createAutomaton(phrases.map(unitsOf)).scan(unitsOf(text), text.length, () => {})
        const longest = Math.max(
          0,
          ...phrases.flatMap((phrase) =>
            Array.from({ length: phrase.length }, (_, index) => phrase.slice(0, index + 1))
              .filter((start) => text.endsWith(start))
              .map((start) => start.length),
          ),
        )
        expect(pending).toBe(longest)
      }),
    )
  })

  it("finds the same when most of its nodes have no full row", () => {
    // Full rows are expensive with this many distinct units, so most nodes fall back along failure links.
    const phrases = Array.from({ length: 4_000 }, (_, index) =>
      String.fromCharCode(0x4e00 + index, 0x4e00 + ((index * 7) % 4_000), 0x4e00 + ((index * 13) % 4_000)),
    )
    const text = phrases.slice(0, 500).join("").repeat(2)
    const found = new Set<number>()
    const { steps } = createAutomaton(phrases.map(unitsOf)).scan(unitsOf(text), text.length, (offset) =>
      found.add(offset),
    )
    expect(phrases.every((phrase, index) => text.includes(phrase) === found.has(index))).toBe(true)
    expect(steps).toBeLessThan(text.length * 4)
  })
})

describe("patterns", () => {
  const atom = fc.constantFrom("a", "b", "c", "[ab]", "[^a]", ".")
  const pattern = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
      fc.tuple(tie("node"), fc.constantFrom("?", "{2}", "{0,2}", "{1,3}")).map(([a, many]) => `(${a})${many}`),
    ),
  })).node

  it("match wherever JavaScript's own engine matches", () => {
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 }), (source, text) => {
        fc.pre(!new RegExp(`^(?:${source})$`, "s").test(""))
        const matcher = createMatcher(compilePatterns([{ node: parsePattern(source), words: false }]))
        let found = false
        matcher.run(unitsOf(text), text.length, { open: false }, () => {
          found = true
        })
        expect(found).toBe(new RegExp(source, "s").test(text))
      }),
    )
  })
})

describe("the held part of a stream", () => {
  const rules = compileRules([
    { phrases: ["canary", "any"] },
    { phrases: ["nary c"], words: false },
    { phrases: [], patterns: ["ca[a-n]{1,3}ry [0-9]{1,2}"] },
  ])

  it("contains the beginning of every occurrence that a cut divides, so that it is found with the next chunk", () => {
    expectFoundInPieces(rules, [
      "canary",
      "c a n a r y",
      "c4n4ry!",
      "c<b class='x'>an</b><!-- y -->ary",
      "c<!-- y --!>an[a](b(c)d)r<![CDATA[y]]>",
      "ca<style>p{}</style>na<script>if(a<b)</script>r<template><template></template>x</template>y",
      `ca<script>${"x ".repeat(90)}y</script>nary`,
      `a <style>${"p ".repeat(90)}y</style>canary`,
      "ca\u001b[31mna\u001b]0;x\u0007ry",
      "can\u{1f600}ary",
      "ca\u{1f1e9}\u{1f1ea}nary",
      "can1\ufe0f\u20e3a2\u20e3ry",
      "c\u{1f170}\ufe0fana\u2122r\u{1f21a}y",
      "canary 12",
    ])
  })

  it("keeps an unfinished word from being found", () => {
    expect(found(rules, "the canary", true).seen).toEqual([])
    // A pattern of variable length holds back its longest beginning.
    expect(found(rules, "the canary", true).pendingFrom).toBe(3)
    const phrases = compileRules([{ phrases: ["canary"] }])
    expect(scanText(phrases, "the canary", { open: true, onRule: () => {} }).pendingFrom).toBe(4)
    expect(found(rules, "the canary", false).seen).toEqual([0])
    expect(found(rules, "the canary ", true).seen).toEqual([0])
    const numbered = compileRules([{ phrases: ["tower 1"] }])
    const seen: number[] = []
    for (const text of ["tower 1", "tower 12"])
      scanText(numbered, text, { open: true, onRule: (rule) => seen.push(text.length + rule) })
    expect(seen).toEqual([])
  })

  it("is empty when the text cannot begin an occurrence", () => {
    for (const text of ["hello. ", "no bird. ", ""]) expect(found(rules, text, true).pendingFrom).toBe(text.length)
  })
})

describe("a hidden element", () => {
  const rules = compileRules([{ phrases: ["blue canary"] }])
  const look = (text: string, open: boolean) => {
    const seen = new Set<number>()
    const { pendingFrom } = scanText(rules, text, { open, onRule: (rule) => seen.add(rule) })
    return { found: seen.size > 0, pendingFrom }
  }

  it.each(["script", "style", "template"])(
    "does not hide a phrase when it is short, and does not hold a stream back when it is long: %s",
    (name) => {
      const text = (chars: number) => `a blue <${name}>${"-".repeat(chars)}</${name}>canary sang`
      expect(look(text(4_000), false).found).toBe(true)
      expect(look(text(5_000), false).found).toBe(false)
      const begun = (chars: number) => `a blue <${name}>${"-".repeat(chars)}`
      expect(look(begun(4_000), true).pendingFrom).toBeLessThanOrEqual(2)
      expect(look(begun(5_000), true).pendingFrom).toBeGreaterThan(4_000)
    },
  )
})

describe("the time of a scan", () => {
  const rules = compileRules(HARD_RULES)

  it.each([
    ["one letter", "a"],
    ["two letters", "ab"],
    ["invisible characters", "a\u200b\u200b"],
    ["flags", "a\u{1f1e9}\u{1f1ea}"],
    ["keycaps", "a1\ufe0f\u20e3"],
    ["scripts", "a<script>a</script>"],
    ["unclosed scripts", "a<script>"],
    ["ends of scripts", "a</script>"],
    ["templates", "a<template>"],
  ])("grows linearly with repeated %s", (_, piece) => {
    expectLinearSteps(rules, piece)
  })
})
