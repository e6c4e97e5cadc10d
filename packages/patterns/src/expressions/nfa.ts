/**
 * Compiles patterns into one automaton without loops, because every repetition has an upper bound.
 *
 * Source: Thompson, "Regular expression search algorithm", CACM 11 (1968).
 * @module
 */

import { badPattern } from "../errors.ts"
import { measure, type Node, type Ranges } from "./ast.ts"

/** A pattern to compile. */
export interface PatternSource {
  readonly node: Node
  /** Whether it must begin and end at word boundaries. */
  readonly words: boolean
}

/** One state: reads a unit of a set, branches, or ends a pattern. */
export type State =
  | { readonly kind: "read"; readonly ranges: Ranges; readonly next: number }
  | { readonly kind: "branch"; readonly to: readonly number[] }
  | { readonly kind: "end"; readonly pattern: number }

/** An automaton of many patterns; each state leads only to lower-numbered ones. */
export interface Nfa {
  readonly states: readonly State[]
  /** The first state of each pattern. */
  readonly starts: readonly number[]
  /** Units read on the longest path to a state. */
  readonly depth: Uint16Array
  readonly words: readonly boolean[]
}

/** Most states of all patterns together. */
const MAX_STATES = 500_000

/** Compiles patterns. @throws {PatternError} `too_large` or `matches_empty`. */
export function compilePatterns(sources: readonly PatternSource[]): Nfa {
  const states: State[] = []
  const add = (state: State): number => {
    if (states.length >= MAX_STATES) throw badPattern("too_large")
    return states.push(state) - 1
  }
  const write = (node: Node, next: number): number => {
    switch (node.kind) {
      case "set":
        return add({ kind: "read", ranges: node.ranges, next })
      case "all":
        return node.nodes.reduceRight((after, part) => write(part, after), next)
      case "any":
        return add({ kind: "branch", to: node.nodes.map((part) => write(part, next)) })
      case "repeat": {
        let after = next
        for (let i = node.min; i < node.max; i++) after = add({ kind: "branch", to: [write(node.node, after), next] })
        for (let i = 0; i < node.min; i++) after = write(node.node, after)
        return after
      }
      default:
        return node satisfies never
    }
  }
  const starts = sources.map(({ node }, pattern) => {
    if (measure(node).shortest === 0) throw badPattern("matches_empty")
    return write(node, add({ kind: "end", pattern }))
  })
  return { states, starts, depth: depths(states), words: sources.map(({ words }) => words) }
}

function depths(states: readonly State[]): Uint16Array {
  const depth = new Uint16Array(states.length)
  for (let offset = states.length - 1; offset >= 0; offset--) {
    const state = states[offset] as State
    const here = depth[offset] as number
    if (state.kind === "read") depth[state.next] = Math.max(depth[state.next] as number, here + 1)
    if (state.kind === "branch") for (const to of state.to) depth[to] = Math.max(depth[to] as number, here)
  }
  return depth
}
