import { compareUids, UID_WORDS } from "./uid.ts"
import type { UidCursor } from "./uid-cursor.ts"

/** The ids of a pool's rows in ascending order, each once. */
export class PoolCursor implements UidCursor {
  readonly words = new Uint32Array(UID_WORDS)
  readonly at = 0
  /** Whether a row with the current id was withheld. */
  isRemoved = false
  readonly #kept: UidCursor
  readonly #removed: UidCursor
  #hasKept = false
  #hasRemoved = false
  #isBegun = false

  constructor(kept: UidCursor, removed: UidCursor) {
    this.#kept = kept
    this.#removed = removed
  }

  advance(): boolean {
    if (!this.#isBegun) {
      this.#isBegun = true
      this.#hasKept = this.#kept.advance()
      this.#hasRemoved = this.#removed.advance()
    }
    if (!this.#hasKept && !this.#hasRemoved) return false
    this.isRemoved = this.#hasRemoved && !(this.#hasKept && compare(this.#kept, this.#removed) < 0)
    const { words, at } = this.isRemoved ? this.#removed : this.#kept
    for (let word = 0; word < UID_WORDS; word++) this.words[word] = words[at + word] as number
    return true
  }

  /**
   * Passes rows with the current id, up to a number of them, so that many cannot keep the process from other work.
   *
   * @returns whether none is left: only then may the cursor advance.
   */
  passRepeated(rows: number): boolean {
    for (let passed = 0; passed < rows; passed++) {
      if (this.#hasKept && compare(this.#kept, this) === 0) this.#hasKept = this.#kept.advance()
      else if (this.#hasRemoved && compare(this.#removed, this) === 0) this.#hasRemoved = this.#removed.advance()
      else return true
    }
    return false
  }
}

function compare(one: UidCursor, other: UidCursor): number {
  return compareUids(one.words, one.at, other.words, other.at)
}
