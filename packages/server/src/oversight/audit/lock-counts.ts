/**
 * How many rows of evidence the log says that each case locked: fewer of its own means that rows were deleted.
 * @module
 */

interface Count {
  /** Of the last lock. */
  last: number
  /** Of the lock that came to the most. */
  most: number
}

/** Takes what events say of locks, in their order. */
export class LockCounts {
  readonly #cases = new Map<string, Count>()
  readonly #destroyedOf = new Map<string, string>()

  /** A lock of so many pieces, in whichever case's rows they are. */
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

  /** The row of a piece went to another case, after the one that it was of destroyed it. */
  moved(evidenceId: string): void {
    const caseId = this.#destroyedOf.get(evidenceId)
    const count = caseId === undefined ? undefined : this.#cases.get(caseId)
    if (count === undefined) return
    count.last--
    count.most--
  }

  /** Each case with the number of its own rows that there are at least. */
  *least(): Iterable<readonly [string, number]> {
    for (const caseId of this.#cases.keys()) yield [caseId, this.#most(caseId)]
  }

  #most(caseId: string): number {
    const { last, most } = this.#cases.get(caseId) ?? { last: 0, most: 0 }
    return Math.max(last, most)
  }
}
