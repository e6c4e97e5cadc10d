/**
 * All questions that one run of a classifier asks its service.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import type { Signal } from "../check.ts"
import type { ClearedQuestions } from "./cleared.ts"

/** Limits of the questions that one run may ask. */
export interface InquiryOptions {
  readonly cleared: ClearedQuestions
  /** Whether remembered clean answers are used and added to. */
  readonly remembers: boolean
  readonly maxPieces: number
  /** Questions in flight. */
  readonly concurrency: number
  readonly signal: AbortSignal
}

/** How pieces are asked about. */
export interface Asking<P> {
  /** Everything that is sent, and so decides the answer. */
  readonly questionOf: (piece: P) => unknown
  /** Pieces in one call, 1 by default. */
  readonly batch?: number
  /** Asks about a batch. @returns the signals of each piece, in order. */
  readonly ask: (pieces: readonly P[], signal: AbortSignal) => Promise<readonly (readonly Signal[])[]>
}

/** Asks a service, few questions at a time; the first failure ends the run. */
export class Inquiry {
  readonly #options: InquiryOptions
  #answered = 0

  constructor(options: InquiryOptions) {
    this.#options = options
  }

  /** Calls that were answered in the agreed form. */
  get answered(): number {
    return this.#answered
  }

  /**
   * Asks about every piece that is not remembered as clean.
   *
   * @throws {DependencyError} `unavailable`, cause `too_many_pieces`, before anything is asked; and what `ask` throws.
   */
  async texts<P>(pieces: readonly P[], asking: Asking<P>): Promise<Signal[]> {
    const { cleared, remembers, maxPieces } = this.#options
    const open: { readonly piece: P; readonly digest: string }[] = []
    const asked = new Set<string>()
    for (const piece of pieces) {
      const digest = remembers ? cleared.digestOf(asking.questionOf(piece)) : ""
      // A question that occurs twice is asked once.
      if (remembers && (asked.has(digest) || cleared.has(digest))) continue
      asked.add(digest)
      if (open.length >= maxPieces) {
        throw new DependencyError(
          "unavailable",
          "the text needs more questions than a classifier may be asked at once",
          {
            details: { cause: "too_many_pieces" },
          },
        )
      }
      open.push({ piece, digest })
    }
    return this.#each(batchesOf(open, asking.batch ?? 1), async (batch, signal) => {
      const found = await asking.ask(
        batch.map(({ piece }) => piece),
        signal,
      )
      for (const [index, { digest }] of batch.entries()) {
        if (remembers && found[index]?.length === 0) cleared.add(digest)
      }
      return found.flat()
    })
  }

  /** Asks about every picture. Answers about pictures are never remembered. */
  async pictures<P>(pictures: readonly P[], ask: (picture: P, signal: AbortSignal) => Promise<readonly Signal[]>) {
    return this.#each(pictures, ask)
  }

  async #each<Q>(
    questions: readonly Q[],
    ask: (question: Q, signal: AbortSignal) => Promise<readonly Signal[]>,
  ): Promise<Signal[]> {
    const { signal, concurrency } = this.#options
    const answers: (readonly Signal[])[] = []
    let next = 0
    let hasFailed = false
    const work = async (): Promise<void> => {
      while (next < questions.length && !hasFailed) {
        const offset = next++
        answers[offset] = await ask(questions[offset] as Q, signal)
        this.#answered++
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, questions.length) }, work))
    } catch (error) {
      hasFailed = true
      throw error
    }
    return answers.flat()
  }
}

function batchesOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))
}
