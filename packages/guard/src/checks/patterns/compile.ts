/**
 * From an operator's rules to what finds them.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { type Automaton, createAutomaton } from "./automaton.ts"
import { measure } from "./regex/ast.ts"
import { createMatcher, type Matcher } from "./regex/matcher.ts"
import { compilePatterns, type PatternSource } from "./regex/nfa.ts"
import { parsePattern } from "./regex/parse.ts"
import type { PatternRule } from "./rules.ts"
import { fold } from "./text/fold.ts"
import { loosen } from "./text/loosen.ts"
import type { Mapped } from "./text/mapped.ts"

/** Fewer letters would be found everywhere once nothing stands between them. */
export const MIN_LOOSE_LETTERS = 4
/** Phrases of one check, and their code units in all. */
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

/** Rules made ready. */
export interface CompiledRules {
  readonly strict: PhraseSet | undefined
  readonly loose: PhraseSet | undefined
  readonly patterns: { readonly rules: readonly number[]; readonly matcher: Matcher } | undefined
  /** Fewest folded code units that any find has. */
  readonly shortest: number
}

/**
 * Compiles rules.
 *
 * @throws {RequestError} `config_invalid`: `details` name the rule's and the phrase's or pattern's position, from 0, and
 *   the fault; nothing that they look for is repeated.
 */
export function compileRules(rules: readonly PatternRule[]): CompiledRules {
  const strict: Collected = { phrases: [], units: [] }
  const loose: Collected = { phrases: [], units: [] }
  const patterns: { rule: number; source: PatternSource }[] = []
  for (const [rule, { phrases, words = true, loose: isLoose = true, patterns: sources = [] }] of rules.entries()) {
    for (const [at, phrase] of phrases.entries()) {
      const folded = fold(phrase.trim())
      if (folded.length === 0 || folded.length > MAX_PHRASE) throw bad("phrase", rule, at, "length")
      collect(strict, folded, { rule, words, length: folded.length })
      const letters = loosen(folded, false)
      // Without its emoji such a phrase would be another one.
      const hasPictures = /\p{So}/u.test(folded.toString())
      // A gap too long for the view leaves a break in it that no text has.
      const isUsable =
        isLoose &&
        !hasPictures &&
        letters.length >= MIN_LOOSE_LETTERS &&
        !letters.units.subarray(0, letters.length).includes(0)
      if (isUsable) collect(loose, letters, { rule, words, length: letters.length })
    }
    for (const [at, source] of sources.entries()) {
      patterns.push({ rule, source: { node: named(() => parsePattern(source), rule, at), words } })
    }
  }
  const matcher = toMatcher(patterns)
  const shortest = Math.min(
    ...[strict, loose].flatMap((set) => set.phrases.reduce((least, { length }) => Math.min(least, length), Infinity)),
    ...patterns.map(({ source }) => measure(source.node).shortest),
  )
  return { strict: toSet(strict), loose: toSet(loose), patterns: matcher, shortest }
}

interface Collected {
  readonly phrases: Phrase[]
  readonly units: Uint16Array[]
}

function collect(into: Collected, { units, length }: Mapped, phrase: Phrase): void {
  if (into.phrases.length >= MAX_PHRASES) throw new RequestError("config_invalid", "a check has too many phrases")
  into.phrases.push(phrase)
  into.units.push(units.slice(0, length))
}

function toSet({ phrases, units }: Collected): PhraseSet | undefined {
  if (phrases.length === 0) return undefined
  if (units.reduce((sum, { length }) => sum + length, 0) > MAX_UNITS) {
    throw new RequestError("config_invalid", "the phrases of a check are too long in all")
  }
  return { phrases, automaton: createAutomaton(units) }
}

function toMatcher(patterns: readonly { rule: number; source: PatternSource }[]): CompiledRules["patterns"] {
  if (patterns.length === 0) return undefined
  for (const [at, { rule, source }] of patterns.entries()) named(() => compilePatterns([source]), rule, at)
  const nfa = compilePatterns(patterns.map(({ source }) => source))
  return { rules: patterns.map(({ rule }) => rule), matcher: createMatcher(nfa) }
}

function named<T>(make: () => T, rule: number, at: number): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof RequestError) throw bad("pattern", rule, at, String(error.details["fault"] ?? "too_large"))
    throw error
  }
}

function bad(what: "phrase" | "pattern", rule: number, at: number, fault: string): RequestError {
  return new RequestError("config_invalid", `${what} ${at + 1} of rule ${rule + 1} is not usable: ${fault}`, {
    details: { rule, at, fault },
    hint: "docs/guides/guard-checks.md says which phrases and patterns are taken.",
  })
}
