import type { TextStep } from "./codec.ts"
import { Cursor, type PassKind } from "./cursor.ts"

/** One growing text of a stream, and how much of it was released. */
export class Track {
  readonly step: TextStep
  readonly cursor: Cursor
  /** Offset up to which the joined texts that contain it clear it. */
  joinedTo = Number.POSITIVE_INFINITY
  released = 0

  constructor(step: TextStep, gates: readonly PassKind[]) {
    this.step = step
    this.cursor = new Cursor(gates)
  }

  get received(): number {
    return this.cursor.received
  }

  /** Offset up to which the text may be released. Never between the halves of a character. */
  get clearedTo(): number {
    const { cursor } = this
    const cleared = Math.min(cursor.clearedTo, this.joinedTo)
    if (cleared === cursor.received || cleared <= this.released) return cleared
    const last = cursor.slice(cleared - 1, cleared).charCodeAt(0)
    return last >= 0xd800 && last <= 0xdbff ? cleared - 1 : cleared
  }

  /** Takes out the text up to an offset, to be sent. */
  release(to: number): string {
    const text = this.cursor.slice(this.released, to)
    this.released = to
    this.cursor.forget(to)
    return text
  }
}
