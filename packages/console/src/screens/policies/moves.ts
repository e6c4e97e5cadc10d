/**
 * Changes of decisions between two policy versions.
 * @module
 */

import { count, listed } from "../../parts/format.ts"
import { wordOf } from "./decision.tsx"
import type { Trial } from "./queries.ts"
import { policies as say } from "./words.ts"

/** A number of decisions that change from one to another. */
export interface Move {
  readonly from: string
  readonly to: string
  readonly count: number
}

/** All decisions, the gravest first. */
export const GRAVEST_FIRST: readonly string[] = Object.keys(say.decisions).toReversed()

/** The moves that change the decision. */
export const changesIn = (moves: readonly Move[]): readonly Move[] => moves.filter(({ from, to }) => from !== to)

/** Moves in a sentence: `9 from review to quarantine and 3 from clear to review`. */
export const movesInWords = (moves: readonly Move[]): string =>
  listed(
    changesIn(moves)
      .toSorted((a, b) => b.count - a.count)
      .map((move) => say.trial.move(count(move.count), wordOf(move.from), wordOf(move.to))),
  )

/** The number of decisions that become milder. */
export function countMilder(moves: readonly Move[]): number {
  const gravity = (decision: string) => GRAVEST_FIRST.length - GRAVEST_FIRST.indexOf(decision)
  return moves.filter(({ from, to }) => gravity(to) < gravity(from)).reduce((sum, move) => sum + move.count, 0)
}

/** The result of a trial, in one or two sentences. */
export function trialInWords({ moves, examined, changed, undecided }: Trial): string {
  if (examined === 0) return say.trial.none
  const would =
    changed === 0
      ? say.trial.wouldNone(count(examined))
      : say.trial.would(count(changed), count(examined), movesInWords(moves))
  return undecided === 0 ? would : `${would} ${say.trial.undecided(count(undecided))}`
}
