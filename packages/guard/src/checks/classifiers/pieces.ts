import { DependencyError } from "@nightlight/core"
import type { CheckItem } from "../../inspect/inspectable.ts"

/** How texts are cut for a service. */
export interface PieceLimits {
  /** Longest piece, code units. */
  readonly maxChars: number
  /** Code units that a piece repeats of the one before. */
  readonly overlapChars: number
  /** Most pieces of one run. */
  readonly maxPieces: number
}

/** A text to ask about. */
export interface Piece {
  readonly text: string
  readonly item: number
}

/**
 * Cuts every text into pieces that a service takes: none is left out.
 *
 * @throws {DependencyError} `unavailable` where there are more than it may be asked about.
 */
export function piecesOf(items: readonly CheckItem[], limits: PieceLimits): Piece[] {
  const { maxChars, overlapChars, maxPieces } = limits
  const pieces: Piece[] = []
  const stride = Math.max(1, maxChars - overlapChars)
  for (const [item, given] of items.entries()) {
    if (given.kind !== "text" || given.text.trim() === "") continue
    for (let from = 0; ; from += stride) {
      if (pieces.length >= maxPieces) {
        throw new DependencyError("unavailable", "more text than a classifier may be asked about at once")
      }
      pieces.push({ text: given.text.slice(from, from + maxChars), item })
      if (from + maxChars >= given.text.length) break
    }
  }
  return pieces
}

/** Asks about everything, few at a time; the first failure ends it. */
export async function askAll<T, R>(
  questions: readonly T[],
  atOnce: number,
  ask: (question: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = []
  let next = 0
  const work = async () => {
    while (next < questions.length) {
      const at = next++
      answers[at] = await ask(questions[at] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, questions.length) }, work))
  return answers
}
