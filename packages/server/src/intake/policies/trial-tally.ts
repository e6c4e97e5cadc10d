/**
 * The results of a trial so far: counts and a few ids, small enough to be written after each page.
 * @module
 */

import { DECISIONS, type Decision } from "@nightlight/core"
import type { Replayed } from "@nightlight/screening"
import type { TrialCursor, TrialExample, TrialTally } from "../../platform/db/tables/intake.ts"
import type { PastDecision } from "./types.ts"

const START: TrialCursor = { read: 0, isDone: false }
/** Number of examples of one move, and of the undecidable ones of one decision. */
const EXAMPLES_EACH = 5

/** A tally before its first finding. */
export function emptyTally(leftOut: TrialTally["leftOut"]): TrialTally {
  return {
    unchanged: 0,
    changed: 0,
    undecided: 0,
    unreadable: 0,
    ruleUndecided: 0,
    moves: {},
    rules: {},
    undecidedRules: {},
    examples: [],
    leftOut,
    cursors: { items: START, findings: START },
  }
}

/** Adds findings with the new decision of each; those that could not be read have none. */
export function addToTally(
  tally: TrialTally,
  page: readonly { readonly past: PastDecision; readonly replayed: Replayed | undefined }[],
): TrialTally {
  const moves = new Map(Object.entries(tally.moves))
  const rules = new Map(Object.entries(tally.rules))
  const undecidedRules = new Map(Object.entries(tally.undecidedRules))
  const examples = [...tally.examples]
  let { unchanged, changed, undecided, unreadable, ruleUndecided } = tally
  for (const { past, replayed } of page) {
    const { decision: from, place } = past
    if (replayed === undefined) {
      unreadable++
    } else if (!replayed.isDecided) {
      undecided++
      for (const rule of replayed.undecidedRules) countUp(undecidedRules, rule)
      addExample(examples, { from, ...place })
    } else {
      const { decision: to, rule } = replayed
      if (to === from) unchanged++
      else changed++
      countUp(moves, `${from} ${to}`)
      if (rule === undefined) ruleUndecided++
      else countUp(rules, rule)
      if (to !== from) addExample(examples, { from, to, ...place })
    }
  }
  return {
    ...tally,
    unchanged,
    changed,
    undecided,
    unreadable,
    ruleUndecided,
    examples,
    moves: Object.fromEntries(moves),
    rules: Object.fromEntries(rules),
    undecidedRules: Object.fromEntries(undecidedRules),
  }
}

function countUp(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function addExample(examples: TrialExample[], added: TrialExample): void {
  const alike = examples.filter(({ from, to }) => from === added.from && to === added.to)
  if (alike.length < EXAMPLES_EACH) examples.push(added)
}

/** Counts by earlier (`from`) and tried decision (`to`): the gravest `from` first, then the gravest `to`. */
export function toDecisionMoves({ moves }: Pick<TrialTally, "moves">) {
  return Object.entries(moves)
    .map(([key, count]) => {
      const [from, to] = key.split(" ") as [Decision, Decision]
      return { from, to, count }
    })
    .sort(byGravity)
}

/** Orders moves: the gravest `from` first, then the gravest `to`. */
export function byGravity(a: Move, b: Move): number {
  return DECISIONS.indexOf(b.from) - DECISIONS.indexOf(a.from) || DECISIONS.indexOf(b.to) - DECISIONS.indexOf(a.to)
}

interface Move {
  readonly from: Decision
  readonly to: Decision
}
