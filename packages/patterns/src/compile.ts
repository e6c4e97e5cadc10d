/**
 * Compiles rules into automata.
 * @module
 */
import type { Decoder } from "./decoders/decoder.ts"
import { letterEmoji } from "./decoders/emoji.ts"
import { markup } from "./decoders/markup.ts"
import { tags } from "./decoders/tags.ts"
import { PatternError, type PatternFault } from "./errors.ts"
import { measure } from "./expressions/ast.ts"
import { createMatcher, type Matcher } from "./expressions/matcher.ts"
import { compilePatterns, type PatternSource } from "./expressions/nfa.ts"
import { parsePattern } from "./expressions/parse.ts"
import { type Automaton, createAutomaton } from "./phrases/automaton.ts"
import type { Rule } from "./rule.ts"
import { loosen } from "./view/loosen.ts"
import type { Mapped } from "./view/mapped.ts"
import { normalise } from "./view/normalise.ts"

/** Phrases with fewer letters would be found everywhere in the loose view. */
export const MIN_LOOSE_LETTERS = 4
/** Limits on the phrases of all rules, and on their total code units. */
const MAX_PHRASES = 1_000_000
const MAX_UNITS = 32_000_000
/** Longest phrase, code units. */
const MAX_PHRASE = 500

/** A phrase in an automaton. */
export interface Phrase {
  readonly rule: number
  readonly words: boolean
  readonly length: number
}

/** Phrases of one view. */
export interface PhraseSet {
  readonly phrases: readonly Phrase[]
  readonly automaton: Automaton
}

/** Compiled rules. */
export interface CompiledRules {
  readonly strict: PhraseSet | undefined
  readonly loose: PhraseSet | undefined
  readonly patterns: { readonly rules: readonly number[]; readonly matcher: Matcher } | undefined
  /** Fewest normalised code units of any occurrence. */
  readonly shortest: number
  readonly decoders: readonly Decoder[]
}

/**
 * Compiles rules.
 *
 * @param decoders - for encoded texts inside a text, in addition to markup, tag characters and emoji, which are always
 * decoded.
 * @throws {PatternError} naming the position of the rule and of the phrase or pattern; the message never repeats their
 * text.
 */
export function compileRules(rules: readonly Rule[], decoders: readonly Decoder[] = []): CompiledRules {
  const strict: Collected = { phrases: [], units: [] }
  const loose: Collected = { phrases: [], units: [] }
  const patterns: { rule: number; source: PatternSource }[] = []
  for (const [rule, { phrases, words = true, loose: isLoose = true, patterns: sources = [] }] of rules.entries()) {
    for (const [index, phrase] of phrases.entries()) {
      const normalised = normalise(phrase.trim())
      if (normalised.length === 0 || normalised.length > MAX_PHRASE) throw bad("phrase", rule, index, "length")
      collect(strict, normalised, { rule, words, length: normalised.length })
      const letters = loosen(normalised, false)
      // Without its emoji, such a phrase would be a different one.
      const hasPictures = /\p{So}/u.test(normalised.toString())
      // A gap that is too long leaves a break in the view, which no text contains.
      const isUsable =
        isLoose &&
        !hasPictures &&
        letters.length >= MIN_LOOSE_LETTERS &&
        !letters.units.subarray(0, letters.length).includes(0)
      if (isUsable) collect(loose, letters, { rule, words, length: letters.length })
    }
    for (const [index, source] of sources.entries()) {
      patterns.push({ rule, source: { node: named(() => parsePattern(source), rule, index), words } })
    }
  }
  const matcher = toMatcher(patterns)
  const shortest = Math.min(
    ...[strict, loose].flatMap((set) => set.phrases.reduce((least, { length }) => Math.min(least, length), Infinity)),
    ...patterns.map(({ source }) => measure(source.node).shortest),
  )
  return {
    strict: toSet(strict),
    loose: toSet(loose),
    patterns: matcher,
    shortest,
    decoders: [...decoders, markup, tags, letterEmoji],
  }
}

interface Collected {
  readonly phrases: Phrase[]
  readonly units: Uint16Array[]
}

function collect(into: Collected, { units, length }: Mapped, phrase: Phrase): void {
  if (into.phrases.length >= MAX_PHRASES) throw new PatternError("too_many", "there are too many phrases")
  into.phrases.push(phrase)
  into.units.push(units.slice(0, length))
}

function toSet({ phrases, units }: Collected): PhraseSet | undefined {
  if (phrases.length === 0) return undefined
  if (units.reduce((sum, { length }) => sum + length, 0) > MAX_UNITS) {
    throw new PatternError("too_many", "the phrases are too long in total")
  }
  return { phrases, automaton: createAutomaton(units) }
}

function toMatcher(patterns: readonly { rule: number; source: PatternSource }[]): CompiledRules["patterns"] {
  if (patterns.length === 0) return undefined
  for (const [index, { rule, source }] of patterns.entries()) named(() => compilePatterns([source]), rule, index)
  const nfa = compilePatterns(patterns.map(({ source }) => source))
  return { rules: patterns.map(({ rule }) => rule), matcher: createMatcher(nfa) }
}

function named<T>(make: () => T, rule: number, offset: number): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof PatternError) throw bad("pattern", rule, offset, error.fault)
    throw error
  }
}

function bad(what: "phrase" | "pattern", rule: number, offset: number, fault: PatternFault): PatternError {
  return new PatternError(fault, `${what} ${offset + 1} of rule ${rule + 1} is not usable: ${fault}`, {
    rule,
    at: offset,
  })
}
