/**
 * How much of a growing text the checks have seen, and how much of it they cleared.
 * @module
 */
import type { Check, CheckKind } from "../checks/check.ts"

/** One kind of check over a text. */
export interface Gate {
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
  goesOn: boolean
}

/** A gate before it has seen anything. */
export type GateKind = Pick<Gate, "kind" | "checks" | "overlapChars">

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
  readonly gates: readonly Gate[]
  received = 0
  closed = false
  /** The part of the text that is still needed, from `#base` on. */
  #buffer = ""
  #base = 0

  constructor(gates: readonly GateKind[]) {
    this.gates = gates.map((gate) => ({
      ...gate,
      checkedTo: 0,
      clearedTo: 0,
      endSeen: false,
      running: false,
      inspectedChars: 0,
      goesOn: true,
    }))
  }

  /** Returns a cursor for some kinds of checks that starts where this one stands and continues by itself. */
  fork(kinds: readonly CheckKind[]): Cursor {
    const own = this.gates.filter(({ kind }) => kinds.includes(kind))
    const fork = new Cursor(own)
    fork.received = this.received
    fork.#buffer = this.#buffer
    fork.#base = this.#base
    for (const [index, gate] of fork.gates.entries()) {
      const { checkedTo, clearedTo } = own[index] as Gate
      // A text that is being checked, or was seen to its end, is checked again.
      const isCertain = !(own[index] as Gate).running && !(own[index] as Gate).endSeen
      gate.checkedTo = isCertain ? checkedTo : Math.min(checkedTo, clearedTo)
      gate.clearedTo = clearedTo
    }
    return fork
  }

  append(text: string): void {
    this.#buffer += text
    this.received += text.length
    for (const gate of this.gates) {
      if (gate.goesOn && gate.checkedTo - gate.clearedTo > SMALL_HOLD_CHARS) gate.goesOn = DIGITS.test(text)
    }
  }

  /** Whether a gate should check its unseen text now, so that repeated checks of held text stay linear. */
  isWorthInspecting({ checkedTo, clearedTo, goesOn, inspectedChars, overlapChars }: Gate): boolean {
    const unseen = this.received - checkedTo
    const held = checkedTo - clearedTo
    if (unseen === 0) return false
    if (held <= SMALL_HOLD_CHARS || unseen * 4 >= held) return true
    // The held match has perhaps ended: a check of all of it may clear it.
    return !goesOn && inspectedChars + held + unseen + overlapChars <= this.received * MAX_INSPECTIONS_PER_CHAR
  }

  /** Cuts the window that a gate has not seen, including text that may be the beginning of a match. */
  window(gate: Gate): Window {
    const { checks, checkedTo, clearedTo, overlapChars } = gate
    const pendingFrom = isExact(checks) ? Math.min(checkedTo, clearedTo) : checkedTo
    const from = Math.max(this.#base, pendingFrom - overlapChars)
    const window = { text: this.slice(from, this.received), from, to: this.received, isLast: this.closed }
    gate.inspectedChars += window.text.length
    gate.goesOn = true
    return window
  }

  /**
   * Records that a gate's checks cleared a window.
   *
   * @param pendingFrom - position in the window from which a match may still be incomplete, where they said so.
   */
  passed(gate: Gate, window: Window, pendingFrom: number | undefined): void {
    gate.checkedTo = window.to
    gate.endSeen = window.isLast
    const cleared = window.isLast
      ? window.to
      : window.from + (pendingFrom ?? Math.max(0, window.text.length - gate.overlapChars))
    gate.clearedTo = Math.max(gate.clearedTo, cleared)
  }

  /** Offset up to which a gate clears the text. */
  clearedBy(gate: Gate): number {
    const atEnd = this.closed && gate.checkedTo === this.received && !isHeldAtEnd(gate)
    return atEnd ? this.received : gate.clearedTo
  }

  /** Offset up to which every gate clears the text. */
  get clearedTo(): number {
    return this.gates.reduce((least, gate) => Math.min(least, this.clearedBy(gate)), this.received)
  }

  slice(from: number, to: number): string {
    return this.#buffer.slice(from - this.#base, to - this.#base)
  }

  /** Drops the text before an offset, except what a gate needs to see again. */
  forget(before: number): void {
    const needed = this.gates.reduce((least, gate) => {
      const pending = isExact(gate.checks) ? Math.min(gate.checkedTo, gate.clearedTo) : gate.checkedTo
      return Math.min(least, pending - gate.overlapChars)
    }, before)
    if (needed - this.#base <= MIN_CUT_CHARS) return
    this.#buffer = this.#buffer.slice(needed - this.#base)
    this.#base = needed
  }
}

/** Whether a gate holds back the end of a text until it knows that it is the end. */
export function isHeldAtEnd({ checks, checkedTo, clearedTo, endSeen }: Gate): boolean {
  return isExact(checks) && !endSeen && clearedTo < checkedTo
}

function isExact(checks: readonly Check[]): boolean {
  return checks.some(({ findsPending, pendingFrom }) => findsPending === true || pendingFrom !== undefined)
}
