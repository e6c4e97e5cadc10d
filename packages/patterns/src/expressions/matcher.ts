/**
 * Runs patterns over a text, reading each unit once without backtracking. Sets of states become states when they are
 * first met, and are dropped when there are too many.
 * @module
 */
import { wordKind } from "../view/letters.ts"
import type { Nfa, State } from "./nfa.ts"
import { contains } from "./ranges.ts"

/** Most cached sets. */
const MAX_SETS = 4_000

/** Cost and end state of one run. */
export interface Ran {
  /** Number of units at the end with which a match may have begun; an upper bound. */
  readonly pending: number
  /** Transitions, and states examined to make new ones. */
  readonly steps: number
}

/** Whether a text continues after its end or began before its start. */
export interface Ends {
  readonly open: boolean
  readonly continues?: boolean
}

/** Runs patterns. */
export interface Matcher {
  /**
   * Reports every pattern that matches somewhere, at least once.
   *
   * @param ends - whether more may follow, so that a word at the end may be incomplete; and whether more precedes.
   */
  run(units: Uint16Array, length: number, ends: Ends, onMatch: (pattern: number) => void): Ran
}

interface StateSet {
  readonly states: readonly number[]
  /** Kind of the preceding unit, as from `wordKind`. */
  readonly after: number
  /** Patterns that end here. */
  readonly ended: readonly number[]
  /** Patterns that end here if a word ends here. */
  readonly atWordEnd: readonly number[]
  readonly pending: number
  readonly next: (StateSet | undefined)[]
}

/** Makes a matcher for compiled patterns. */
export function createMatcher(nfa: Nfa): Matcher {
  const { classOf, representatives } = classesOf(nfa)
  const kinds = representatives.map(wordKind)
  const sets = new Map<string, StateSet>()
  const marks = new Uint32Array(nfa.states.length)
  let mark = 0
  let steps = 0

  /** Adds the reading states and the ends that can be reached from a state without reading. */
  const close = (from: number, states: number[], ends: number[]): void => {
    const waiting = [from]
    for (let stateOf = waiting.pop(); stateOf !== undefined; stateOf = waiting.pop()) {
      if (marks[stateOf] === mark) continue
      marks[stateOf] = mark
      steps++
      const state = nfa.states[stateOf] as State
      if (state.kind === "branch") waiting.push(...state.to)
      else if (state.kind === "end") ends.push(stateOf)
      else states.push(stateOf)
    }
  }
  const beginnings = (words: boolean): readonly number[] => {
    mark++
    const states: number[] = []
    for (const [pattern, start] of nfa.starts.entries()) if (nfa.words[pattern] === words) close(start, states, [])
    return states
  }
  const anywhere = beginnings(false)
  const atWord = beginnings(true)

  const setOf = (states: number[], ends: number[], after: number): StateSet => {
    states.sort((a, b) => a - b)
    const key = `${after}:${states.join(",")}/${ends.join(",")}`
    const known = sets.get(key)
    if (known !== undefined) return known
    const ended = ends.map((stateOf) => (nfa.states[stateOf] as State & { kind: "end" }).pattern)
    const set: StateSet = {
      states,
      after,
      ended: ended.filter((pattern) => nfa.words[pattern] !== true),
      atWordEnd: ended.filter((pattern) => nfa.words[pattern] === true),
      pending: [...states, ...ends].reduce((most, index) => Math.max(most, nfa.depth[index] as number), 0),
      next: Array.from({ length: representatives.length }),
    }
    if (sets.size >= MAX_SETS) sets.clear()
    sets.set(key, set)
    return set
  }

  const step = (from: StateSet, cls: number): StateSet => {
    const unit = representatives[cls] as number
    const kind = kinds[cls] as number
    const states: number[] = []
    const ends: number[] = []
    mark++
    const read = (offset: number): void => {
      steps++
      const state = nfa.states[offset] as State
      if (state.kind === "read" && contains(state.ranges, unit)) close(state.next, states, ends)
    }
    from.states.forEach(read)
    anywhere.forEach(read)
    if (from.after === 0 || from.after !== kind) atWord.forEach(read)
    return setOf(states, ends, kind)
  }

  const empty = setOf([], [], 0)
  return {
    run: (units, length, { open, continues = false }, onMatch) => {
      steps = length
      let set = continues && length > 0 ? setOf([], [], wordKind(units[0] as number)) : empty
      for (let i = 0; i < length; i++) {
        const cls = classOf[units[i] as number] as number
        if (set.atWordEnd.length > 0 && (set.after === 0 || set.after !== kinds[cls])) {
          for (const pattern of set.atWordEnd) onMatch(pattern)
        }
        let next = set.next[cls]
        if (next === undefined) {
          next = step(set, cls)
          set.next[cls] = next
        }
        set = next
        for (const pattern of set.ended) onMatch(pattern)
      }
      if (!open || set.after === 0) for (const pattern of set.atWordEnd) onMatch(pattern)
      return { pending: set.pending, steps }
    },
  }
}

/** Units that no set distinguishes share a class; letters, digits and others never share one. */
function classesOf({ states }: Nfa): { readonly classOf: Uint16Array; readonly representatives: readonly number[] } {
  const cuts = new Set<number>([0])
  const seen = new Set<unknown>()
  for (const state of states) {
    if (state.kind !== "read" || seen.has(state.ranges)) continue
    seen.add(state.ranges)
    for (const [low, high] of state.ranges) cuts.add(low).add(high + 1)
  }
  const classOf = new Uint16Array(0x10000)
  const representatives: number[] = []
  let known: [number, number, number] = [-1, -1, -1]
  for (let unit = 0; unit <= 0xffff; unit++) {
    if (cuts.has(unit)) known = [-1, -1, -1]
    const side = wordKind(unit)
    if (known[side] === -1) known[side] = representatives.push(unit) - 1
    classOf[unit] = known[side] as number
  }
  return { classOf, representatives }
}
