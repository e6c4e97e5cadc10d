/**
 * Finds any number of phrases in one pass.
 *
 * Source: Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18 (1975). Nodes are
 * numbered breadth first, so that children are neighbours; the first ones have a full row of transitions, the others
 * fall back along failure links.
 * @module
 */
import { buildTrie } from "./trie.ts"

/** Cells of full rows: 8 MiB. */
const MAX_CELLS = 2_097_152

/** Called with the number of a phrase and the unit at which it ends. */
export type OnFind = (phrase: number, end: number) => void

/** Cost and end state of one scan. */
export interface Scanned {
  /** Exact length of the longest beginning of any phrase at the end of the text. */
  readonly pending: number
  /** Transitions, followed failure links and reported occurrences. */
  readonly steps: number
}

/** Finds phrases. */
export interface Automaton {
  /** Reports every occurrence of every phrase, in the order of their ends. */
  scan(units: Uint16Array, length: number, onFind: OnFind): Scanned
}

/** Builds an automaton over phrases of UTF-16 code units, none empty and none with a unit 0. */
export function createAutomaton(phrases: readonly Uint16Array[]): Automaton {
  const { depth, unit, parent, childFrom, outFrom, out } = buildTrie(phrases)
  const nodes = depth.length
  const { classOf, classes } = classesOf(unit)
  const fail = new Int32Array(nodes)
  const dictionary = new Int32Array(nodes)
  const full = Math.max(1, Math.min(nodes, Math.floor(MAX_CELLS / classes)))
  const rows = new Int32Array(full * classes)

  const childOf = (node: number, sought: number): number => {
    let low = childFrom[node] as number
    let high = (childFrom[node + 1] as number) - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = unit[middle] as number
      if (found === sought) return middle
      if (found < sought) low = middle + 1
      else high = middle - 1
    }
    return 0
  }
  let hops = 0
  const next = (from: number, sought: number): number => {
    const cls = classOf[sought] as number
    if (cls === 0) return 0
    let state = from
    while (state >= full) {
      const child = childOf(state, sought)
      if (child !== 0) return child
      state = fail[state] as number
      hops++
    }
    return rows[state * classes + cls] as number
  }

  for (let node = 0; node < nodes; node++) {
    if (node > 0) {
      const up = parent[node] as number
      fail[node] = up === 0 ? 0 : next(fail[up] as number, unit[node] as number)
      const link = fail[node] as number
      dictionary[node] = (outFrom[link + 1] as number) > (outFrom[link] as number) ? link : (dictionary[link] as number)
    }
    if (node >= full) continue
    if (node > 0)
      rows.copyWithin(node * classes, (fail[node] as number) * classes, ((fail[node] as number) + 1) * classes)
    for (let child = childFrom[node] as number; child < (childFrom[node + 1] as number); child++) {
      rows[node * classes + (classOf[unit[child] as number] as number)] = child
    }
  }

  return {
    scan: (units, length, onFind) => {
      hops = 0
      let occurrences = 0
      let state = 0
      for (let i = 0; i < length; i++) {
        const given = units[i] as number
        state = state < full ? (rows[state * classes + (classOf[given] as number)] as number) : next(state, given)
        let node = (outFrom[state + 1] as number) > (outFrom[state] as number) ? state : (dictionary[state] as number)
        while (node !== 0) {
          for (let k = outFrom[node] as number; k < (outFrom[node + 1] as number); k++) {
            occurrences++
            onFind(out[k] as number, i)
          }
          node = dictionary[node] as number
        }
      }
      return { pending: depth[state] as number, steps: length + hops + occurrences }
    },
  }
}

/** Numbers the units that occur from 1; 0 stands for every other unit. */
function classesOf(unit: Uint16Array): { readonly classOf: Uint16Array; readonly classes: number } {
  const classOf = new Uint16Array(0x10000)
  let classes = 1
  for (let node = 1; node < unit.length; node++) {
    const occurring = unit[node] as number
    if (classOf[occurring] === 0) classOf[occurring] = classes++
  }
  return { classOf, classes }
}
