/**
 * How many rows of evidence each case locked, according to the log: if it has fewer, rows were deleted.
 * @module
 */

interface Count {
  /** Pieces of the last lock. */
  last: number
  /** Pieces of the largest lock. */
  most: number
}

/** Takes the events about locks, in order. */
export class LockCounts {
  readonly #cases = new Map<string, Count>()
  readonly #destroyedOf = new Map<string, string>()

  /** A lock of this many pieces, in whichever case's rows they are. */
  locked(caseId: string, pieces: number): void {
    this.#cases.set(caseId, { last: pieces, most: this.#most(caseId) })
  }

  /** One piece of the case's last lock is in another case's row. */
  elsewhere(caseId: string): void {
    const count = this.#cases.get(caseId)
    if (count !== undefined) count.last--
  }

  destroyed(evidenceId: string, caseId: string): void {
    this.#destroyedOf.set(evidenceId, caseId)
  }

  /** The row of a piece was moved to another case, after its first case destroyed it. */
  moved(evidenceId: string): void {
    const caseId = this.#destroyedOf.get(evidenceId)
    const count = caseId === undefined ? undefined : this.#cases.get(caseId)
    if (count === undefined) return
    count.last--
    count.most--
  }

  /** Each case with the minimum number of its own rows. */
  *least(): Iterable<readonly [string, number]> {
    for (const caseId of this.#cases.keys()) yield [caseId, this.#most(caseId)]
  }

  #most(caseId: string): number {
    const { last, most } = this.#cases.get(caseId) ?? { last: 0, most: 0 }
    return Math.max(last, most)
  }
}
