/**
 * How much of a growing text the checks have seen, and how much of it they cleared.
 * @module
 */
import type { Check, CheckKind } from "../checks/check.ts"

/** The pass of one kind of check over a growing text. */
export interface Pass {
  readonly kind: CheckKind
  readonly checks: readonly Check[]
  /** Code units of text before a window that are checked with it. */
  readonly overlapChars: number
  /** Offset up to which the checks have seen the text. */
  checkedTo: number
  /** Offset up to which they cleared it. */
  clearedTo: number
  /** Whether they have seen the end of the text as its end. */
  endSeen: boolean
  running: boolean
  /** Code units of all windows so far. */
  inspectedChars: number
  /** Whether the unseen text can only continue what is held, such as more of a picture in base64. */
  onlyContinues: boolean
}

/** A pass before it has seen anything. */
export type PassKind = Pick<Pass, "kind" | "checks" | "overlapChars">

/** A window of a text, to be checked. */
export interface Window {
  readonly text: string
  /** Offset of its first code unit. */
  readonly from: number
  readonly to: number
  /** Whether the text had ended when the window was cut. */
  readonly isLast: boolean
}

/** A held text up to this length is checked again at each read. */
const SMALL_HOLD_CHARS = 512
/** Times that each code unit may be checked to see whether a held match has ended. */
const MAX_INSPECTIONS_PER_CHAR = 8
/** Text that may continue an encoded picture. */
const DIGITS = /^[a-z0-9+/=_%\s\\-]*$/i

/** Cutting a string has a cost; below this length it does not pay. */
const MIN_CUT_CHARS = 4096

/** A text that grows. Offsets count code units from the text's start. */
export class Cursor {
  readonly passes: readonly Pass[]
  received = 0
  closed = false
  /** The part of the text that is still needed, from `#base` on. */
  #buffer = ""
  #base = 0

  constructor(passes: readonly PassKind[]) {
    this.passes = passes.map((pass) => ({
      ...pass,
      checkedTo: 0,
      clearedTo: 0,
      endSeen: false,
      running: false,
      inspectedChars: 0,
      onlyContinues: true,
    }))
  }

  /** Returns a cursor for some kinds of checks that starts where this one stands and continues by itself. */
  fork(kinds: readonly CheckKind[]): Cursor {
    const own = this.passes.filter(({ kind }) => kinds.includes(kind))
    const fork = new Cursor(own)
    fork.received = this.received
    fork.#buffer = this.#buffer
    fork.#base = this.#base
    for (const [index, pass] of fork.passes.entries()) {
      const { checkedTo, clearedTo } = own[index] as Pass
      // A text that is being checked, or was seen to its end, is checked again.
      const isCertain = !(own[index] as Pass).running && !(own[index] as Pass).endSeen
      pass.checkedTo = isCertain ? checkedTo : Math.min(checkedTo, clearedTo)
      pass.clearedTo = clearedTo
    }
    return fork
  }

  append(text: string): void {
    this.#buffer += text
    this.received += text.length
    for (const pass of this.passes) {
      if (pass.onlyContinues && pass.checkedTo - pass.clearedTo > SMALL_HOLD_CHARS)
        pass.onlyContinues = DIGITS.test(text)
    }
  }

  /** Whether a pass should check its unseen text now, so that repeated checks of held text stay linear. */
  isWorthInspecting({ checkedTo, clearedTo, onlyContinues, inspectedChars, overlapChars }: Pass): boolean {
    const unseen = this.received - checkedTo
    const held = checkedTo - clearedTo
    if (unseen === 0) return false
    if (held <= SMALL_HOLD_CHARS || unseen * 4 >= held) return true
    // The held match has perhaps ended: a check of all of it may clear it.
    return !onlyContinues && inspectedChars + held + unseen + overlapChars <= this.received * MAX_INSPECTIONS_PER_CHAR
  }

  /** Cuts the window that a pass has not seen, including text that may be the beginning of a match. */
  window(pass: Pass): Window {
    const { checks, checkedTo, clearedTo, overlapChars } = pass
    const pendingFrom = isExact(checks) ? Math.min(checkedTo, clearedTo) : checkedTo
    const from = Math.max(this.#base, pendingFrom - overlapChars)
    const window = { text: this.slice(from, this.received), from, to: this.received, isLast: this.closed }
    pass.inspectedChars += window.text.length
    pass.onlyContinues = true
    return window
  }

  /**
   * Records that a pass's checks cleared a window.
   *
   * @param pendingFrom - position in the window from which a match may still be incomplete, where they said so.
   */
  passed(pass: Pass, window: Window, pendingFrom: number | undefined): void {
    pass.checkedTo = window.to
    pass.endSeen = window.isLast
    const cleared = window.isLast
      ? window.to
      : window.from + (pendingFrom ?? Math.max(0, window.text.length - pass.overlapChars))
    pass.clearedTo = Math.max(pass.clearedTo, cleared)
  }

  /** Offset up to which a pass clears the text. */
  clearedBy(pass: Pass): number {
    const atEnd = this.closed && pass.checkedTo === this.received && !isHeldAtEnd(pass)
    return atEnd ? this.received : pass.clearedTo
  }

  /** Offset up to which every pass clears the text. */
  get clearedTo(): number {
    return this.passes.reduce((least, pass) => Math.min(least, this.clearedBy(pass)), this.received)
  }

  slice(from: number, to: number): string {
    return this.#buffer.slice(from - this.#base, to - this.#base)
  }

  /** Drops the text before an offset, except what a pass needs to see again. */
  forget(before: number): void {
    const needed = this.passes.reduce((least, pass) => {
      const pending = isExact(pass.checks) ? Math.min(pass.checkedTo, pass.clearedTo) : pass.checkedTo
      return Math.min(least, pending - pass.overlapChars)
    }, before)
    if (needed - this.#base <= MIN_CUT_CHARS) return
    this.#buffer = this.#buffer.slice(needed - this.#base)
    this.#base = needed
  }
}

/** Whether a pass holds back the end of a text until it knows that it is the end. */
export function isHeldAtEnd({ checks, checkedTo, clearedTo, endSeen }: Pass): boolean {
  return isExact(checks) && !endSeen && clearedTo < checkedTo
}

function isExact(checks: readonly Check[]): boolean {
  return checks.some(({ findsPending, pendingFrom }) => findsPending === true || pendingFrom !== undefined)
}
