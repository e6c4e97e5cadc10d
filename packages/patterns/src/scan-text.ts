/**
 * Finds rules in a text, in every view of it and in every text encoded inside it.
 * @module
 */

import type { CompiledRules, PhraseSet } from "./compile.ts"
import { isBoundary, wordKindAt, wordKindBefore } from "./view/letters.ts"
import { hasSigns, loosen } from "./view/loosen.ts"
import { Mapped } from "./view/mapped.ts"
import { normalise } from "./view/normalise.ts"

/** Most nested codes that are decoded. */
export const MAX_NESTED_CODES = 3

/** Options of a scan. */
export interface ScanOptions {
  /** Whether more of the text may follow: a match at the end that could become longer is then not an occurrence yet. */
  readonly open: boolean
  /** Whether more of the text precedes: its start is then not a word boundary. */
  readonly continues?: boolean
  /** Called with the position of each rule that was found, perhaps more than once. */
  readonly onRule: (rule: number) => void
}

/** Result of a scan. */
export interface ScanResult {
  /** Position in the text from which an occurrence may be incomplete; the text's length where none is. */
  readonly pendingFrom: number
  /** Steps of the automata over all views: linear in the text. */
  readonly steps: number
}

/** Scans a text for all rules. */
export function scanText(rules: CompiledRules, text: string, options: ScanOptions): ScanResult {
  if (!options.open && text.length < Math.min(rules.shortest, SHORT) && PLAIN.test(text)) {
    return { pendingFrom: text.length, steps: 0 }
  }
  return scanNested(rules, text, options, 0)
}

/** A code that begins this close to a cut may have begun before it. */
const MAX_CUT = 16

/** A shorter text can contain escapes but no other code. */
const SHORT = 8
const PLAIN = /^[\w .:/-]*$/

const ASCII = /^[\t-\r -~]*$/
const NO_RULE = (): void => {}

/**
 * Buffers for the views of a text, one set for each nesting depth, because allocating them for every text would cost
 * more than making the views.
 */
const bufferPool: Views[] = []
const MAX_KEPT_CHARS = 131_072

interface Views {
  readonly normalised: Mapped
  readonly loose: Mapped
}

function viewsFor(chars: number, depth: number): Views {
  const views = bufferPool[depth] ?? { normalised: new Mapped(0), loose: new Mapped(0) }
  if (chars > MAX_KEPT_CHARS) return { normalised: new Mapped(0), loose: new Mapped(0) }
  bufferPool[depth] = views
  return views
}

function scanNested(rules: CompiledRules, text: string, options: ScanOptions, depth: number): ScanResult {
  const { normalised, loose } = viewsFor(text.length, depth)
  normalise(text, normalised)
  let steps = 0
  let pendingFrom = text.length
  const holdFrom = (from: number) => {
    if (from < pendingFrom) pendingFrom = from
  }
  const last = text.charCodeAt(text.length - 1)
  if (last >= 0xd800 && last <= 0xdbff) holdFrom(text.length - 1)
  if (rules.strict !== undefined) {
    const { steps: own, pending } = scanStrict(rules.strict, normalised, options)
    steps += own
    if (pending > 0) holdFrom(normalised.positions[normalised.length - pending] as number)
  }
  if (rules.loose !== undefined) {
    for (const signs of hasSigns(normalised) ? [false, true] : [false]) {
      loosen(normalised, signs, loose)
      const { steps: own, pending } = scanLoose(rules.loose, loose, normalised, options)
      steps += own
      if (pending > 0) holdFrom(normalised.positions[loose.positions[loose.length - pending] as number] as number)
    }
  }
  if (rules.patterns !== undefined) {
    const { matcher, rules: ruleOf } = rules.patterns
    const ran = matcher.run(normalised.units, normalised.length, options, (pattern) =>
      options.onRule(ruleOf[pattern] as number),
    )
    steps += ran.steps
    if (ran.pending > 0) holdFrom(normalised.positions[normalised.length - ran.pending] as number)
  }
  if (depth === MAX_NESTED_CODES) return { pendingFrom, steps }
  for (const decode of rules.decoders) {
    const { texts, openFrom } = decode(text, rules.shortest, options.open)
    holdFrom(openFrom)
    for (const { text: inner, positions, reachesEnd, tentative } of texts) {
      const open = options.open && reachesEnd
      // Only wait for a code that is still too short. Most decoded texts are accidental and too short for an occurrence.
      if (!open && (tentative === true || (inner.length < rules.shortest && ASCII.test(inner)))) continue
      const onRule = tentative === true ? NO_RULE : options.onRule
      // A text that begins at the cut may have begun before it.
      const continues = options.continues === true && (positions[0] ?? 0) < MAX_CUT
      const nested = scanNested(rules, inner, { open, continues, onRule }, depth + 1)
      steps += nested.steps
      if (reachesEnd && nested.pendingFrom < inner.length) holdFrom(positions[nested.pendingFrom] as number)
    }
  }
  return { pendingFrom, steps }
}

function scanStrict(
  { automaton, phrases }: PhraseSet,
  { units, length }: Mapped,
  { open, continues = false, onRule }: ScanOptions,
) {
  return automaton.scan(units, length, (found, end) => {
    const phrase = phrases[found] as (typeof phrases)[number]
    if (phrase.words) {
      const start = end + 1 - phrase.length
      const isInWord = start === 0 ? continues : !isBoundary(wordKindBefore(units, start), wordKindAt(units, start))
      if (isInWord) return
      if (end + 1 < length) {
        if (!isBoundary(wordKindBefore(units, end + 1), wordKindAt(units, end + 1))) return
      } else if (open && wordKindBefore(units, end + 1) !== 0) return
    }
    onRule(phrase.rule)
  })
}

/** Uses the word boundaries of the normalised text, because the loose view has none. */
function scanLoose(
  { automaton, phrases }: PhraseSet,
  loose: Mapped,
  { units, length }: Mapped,
  { open, continues = false, onRule }: ScanOptions,
) {
  return automaton.scan(loose.units, loose.length, (found, end) => {
    const phrase = phrases[found] as (typeof phrases)[number]
    if (phrase.words) {
      const start = end + 1 - phrase.length
      const from = loose.positions[start] as number
      const to = loose.positions[end] as number
      // A digit that stands for a letter bounds words like that letter, and numbers like a digit.
      if (from === 0 && continues) return
      if (from > 0) {
        const before = wordKindBefore(units, from)
        if (!isBoundary(before, wordKindAt(units, from)) || !isBoundary(before, wordKindAt(loose.units, start))) return
      }
      if (to + 1 < length) {
        const after = wordKindAt(units, to + 1)
        const isEnd = isBoundary(wordKindBefore(units, to + 1), after)
        if (!isEnd || !isBoundary(wordKindBefore(loose.units, end + 1), after)) return
      } else if (open) return
    }
    onRule(phrase.rule)
  })
}
