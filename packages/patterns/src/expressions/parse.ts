/**
 * Parses an operator's patterns: literals, `.`, classes, `\d` `\w` `\s` and their opposites, groups, alternatives, and
 * repetitions with an upper bound. Patterns are normalised like texts.
 * @module
 */

import { badPattern } from "../errors.ts"
import { normalisePoint } from "../view/normalise.ts"
import type { Node, Ranges } from "./ast.ts"
import { complement, DIGIT, mergeRanges, SPACE, WORD_CHARACTER } from "./ranges.ts"

const MAX_REPEAT = 1_000
const MAX_DEPTH = 32
/** Most code points of one class, which are normalised one by one. */
const MAX_CLASS = 4_096

/** Parses a pattern. @throws {PatternError}; `fault` names the problem. */
export function parsePattern(source: string): Node {
  const parser = new Parser(Array.from(source))
  return parser.whole()
}

class Parser {
  readonly #characters: readonly string[]
  #at = 0
  #depth = 0

  constructor(characters: readonly string[]) {
    this.#characters = characters
  }

  whole(): Node {
    const node = this.#alternatives()
    if (this.#at < this.#characters.length) throw badPattern("syntax", this.#at)
    return node
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #take(expected: string): boolean {
    if (this.#peek() !== expected) return false
    this.#at++
    return true
  }

  #alternatives(): Node {
    const nodes = [this.#sequence()]
    while (this.#take("|")) nodes.push(this.#sequence())
    const [only] = nodes
    return nodes.length === 1 && only !== undefined ? only : { kind: "any", nodes }
  }

  #sequence(): Node {
    const nodes: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      nodes.push(this.#repeated(this.#atom()))
    }
    return { kind: "all", nodes }
  }

  #repeated(node: Node): Node {
    const from = this.#at
    const next = this.#peek()
    if (next === "*" || next === "+") throw badPattern("unbounded", from)
    if (next === "?") {
      this.#at++
      return this.#once({ kind: "repeat", node, min: 0, max: 1 })
    }
    if (next !== "{") return node
    const end = this.#characters.indexOf("}", from)
    const bounds = /^\{(\d{1,4})(,(\d{0,4}))?\}$/.exec(this.#characters.slice(from, end + 1).join(""))
    if (bounds === null) throw badPattern("syntax", from)
    const [, least = "", more, most = ""] = bounds
    if (more !== undefined && most === "") throw badPattern("unbounded", from)
    const min = Number(least)
    const max = more === undefined ? min : Number(most)
    if (min > max || max === 0) throw badPattern("syntax", from)
    if (max > MAX_REPEAT) throw badPattern("too_large", from)
    this.#at = end + 1
    return this.#once({ kind: "repeat", node, min, max })
  }

  /** Refuses suffixes that other dialects read as lazy or possessive, and repeated repetitions. */
  #once(node: Node): Node {
    const next = this.#peek()
    if (next === "?" || next === "+" || next === "*" || next === "{") throw badPattern("unsupported", this.#at)
    return node
  }

  #atom(): Node {
    const from = this.#at
    const character = this.#characters[this.#at++]
    switch (character) {
      case "(": {
        if (++this.#depth > MAX_DEPTH) throw badPattern("too_large", from)
        if (this.#take("?") && !this.#take(":")) throw badPattern("unsupported", from)
        const node = this.#alternatives()
        if (!this.#take(")")) throw badPattern("syntax", from)
        this.#depth--
        return node
      }
      case "[":
        return this.#class(from)
      case ".":
        return { kind: "set", ranges: complement([]) }
      case "\\":
        return this.#escape(from)
      case "^":
      case "$":
        throw badPattern("unsupported", from)
      case undefined:
      case "*":
      case "+":
      case "?":
      case "{":
      case "}":
      case "]":
        throw badPattern("syntax", from)
      default:
        return literal(character)
    }
  }

  #escape(from: number): Node {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw badPattern("syntax", from)
    const shorthand = shorthandOf(character)
    if (shorthand !== undefined) return { kind: "set", ranges: shorthand }
    if (/[\p{L}\p{N}]/u.test(character)) throw badPattern("unsupported", from)
    return literal(character)
  }

  #class(from: number): Node {
    const isNegated = this.#take("^")
    const ranges: (readonly [number, number])[] = []
    const longer: Node[] = []
    let points = 0
    while (!this.#take("]")) {
      const low = this.#member(from)
      if (typeof low !== "number") {
        ranges.push(...low)
        continue
      }
      let high = low
      if (this.#peek() === "-" && this.#characters[this.#at + 1] !== "]") {
        this.#at++
        const end = this.#member(from)
        if (typeof end !== "number" || end < low) throw badPattern("syntax", from)
        high = end
      }
      points += high - low + 1
      if (points > MAX_CLASS) throw badPattern("too_large", from)
      for (let point = low; point <= high; point++) {
        const normalised = normalisePoint(point)
        if (normalised.length === 1) ranges.push([normalised.charCodeAt(0), normalised.charCodeAt(0)])
        else if (normalised.length > 1) longer.push(sequence(normalised))
      }
    }
    if (isNegated) return { kind: "set", ranges: complement(mergeRanges(ranges)) }
    if (ranges.length === 0 && longer.length === 0) throw badPattern("syntax", from)
    const set: Node[] = ranges.length === 0 ? [] : [{ kind: "set", ranges: mergeRanges(ranges) }]
    const nodes = [...set, ...longer]
    const [only] = nodes
    return nodes.length === 1 && only !== undefined ? only : { kind: "any", nodes }
  }

  #member(from: number): number | Ranges {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw badPattern("syntax", from)
    if (character !== "\\") return character.codePointAt(0) as number
    const escaped = this.#characters[this.#at++]
    if (escaped === undefined) throw badPattern("syntax", from)
    const shorthand = shorthandOf(escaped)
    if (shorthand !== undefined) return shorthand
    if (/[\p{L}\p{N}]/u.test(escaped)) throw badPattern("unsupported", from)
    return escaped.codePointAt(0) as number
  }
}

function shorthandOf(character: string): Ranges | undefined {
  const ranges = { d: DIGIT, w: WORD_CHARACTER, s: SPACE }[character.toLowerCase()]
  if (ranges === undefined) return undefined
  return character === character.toLowerCase() ? ranges : complement(ranges)
}

/** An invisible character matches nothing, because no normalised text contains it. */
function literal(character: string): Node {
  return sequence(normalisePoint(character.codePointAt(0) as number))
}

function sequence(normalised: string): Node {
  const nodes = Array.from({ length: normalised.length }, (_, index): Node => {
    const unit = normalised.charCodeAt(index)
    return { kind: "set", ranges: [[unit, unit]] }
  })
  const [only] = nodes
  return nodes.length === 1 && only !== undefined ? only : { kind: "all", nodes }
}
