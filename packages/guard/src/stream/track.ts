/**
 * One growing text of a stream: how far it came, how far each kind of check has seen it, how far it may go.
 * @module
 */
import type { Check, CheckKind } from "../checks/check.ts"
import type { TextStep } from "./codec.ts"

/** One kind of check over a text. */
export interface Gate {
  readonly kind: CheckKind
  readonly checks: readonly Check[]
  /** Code units before a window that go with it. */
  readonly overlapChars: number
  /** Offset up to which the checks have seen the text. */
  checkedTo: number
  /** Offset up to which they let it go. */
  clearedTo: number
  /** Whether they have seen the text with its end as its end. */
  endSeen: boolean
  running: boolean
}

/** A window of a text, to be checked. */
export interface Window {
  readonly text: string
  /** Offset of its first code unit. */
  readonly from: number
  readonly to: number
  /** Whether the text was at its end when the window was cut. */
  readonly isLast: boolean
}

/** A text that grows. Offsets count code units from the text's start. */
export class Track {
  readonly step: TextStep
  readonly gates: readonly Gate[]
  received = 0
  released = 0
  closed = false
  /** What is still needed of the text: from `#base` on. */
  #buffer = ""
  #base = 0

  constructor(step: TextStep, gates: readonly Omit<Gate, "checkedTo" | "clearedTo" | "endSeen" | "running">[]) {
    this.step = step
    this.gates = gates.map((gate) => ({ ...gate, checkedTo: 0, clearedTo: 0, endSeen: false, running: false }))
  }

  append(text: string): void {
    this.#buffer += text
    this.received += text.length
  }

  /** Cuts the window that a gate has not seen, with all that it said may still be the beginning of a find. */
  window({ checks, checkedTo, clearedTo, overlapChars }: Gate): Window {
    const pendingFrom = isExact(checks) ? Math.min(checkedTo, clearedTo) : checkedTo
    const from = Math.max(this.#base, pendingFrom - overlapChars)
    return { text: this.#buffer.slice(from - this.#base), from, to: this.received, isLast: this.closed }
  }

  /** Notes that a gate's checks let a window pass. */
  passed(gate: Gate, window: Window): void {
    gate.checkedTo = window.to
    gate.endSeen = window.isLast
    const cleared = window.isLast ? window.to : window.from + pendingFrom(gate.checks, window.text)
    gate.clearedTo = Math.max(gate.clearedTo, cleared)
  }

  /** Offset up to which the text may go: the strictest gate's. Never between the halves of a character. */
  get clearedTo(): number {
    let cleared = this.received
    for (const gate of this.gates) {
      const atEnd = this.closed && gate.checkedTo === this.received && !isHeldAtEnd(gate)
      cleared = Math.min(cleared, atEnd ? this.received : gate.clearedTo)
    }
    if (cleared === this.received || cleared <= this.released) return cleared
    const last = this.#buffer.charCodeAt(cleared - 1 - this.#base)
    return last >= 0xd800 && last <= 0xdbff ? cleared - 1 : cleared
  }

  /** Takes the text up to an offset out, to be sent. */
  release(to: number): string {
    const text = this.#buffer.slice(this.released - this.#base, to - this.#base)
    this.released = to
    const needed = Math.min(
      ...this.gates.map(({ checkedTo, overlapChars }) => Math.min(to, checkedTo) - overlapChars),
      to,
    )
    // Cutting a string costs: only when it pays.
    if (needed - this.#base > 4096) {
      this.#buffer = this.#buffer.slice(needed - this.#base)
      this.#base = needed
    }
    return text
  }
}

/** Whether a gate holds something back at the end of a text until it has seen that this is the end. */
export function isHeldAtEnd({ checks, checkedTo, clearedTo, endSeen }: Gate): boolean {
  return isExact(checks) && !endSeen && clearedTo < checkedTo
}

function isExact(checks: readonly Check[]): boolean {
  return checks.some(({ pendingFrom }) => pendingFrom !== undefined)
}

/** From which position of a window on a find may still be incomplete, by the most careful of the checks. */
function pendingFrom(checks: readonly Check[], text: string): number {
  let from = text.length
  for (const check of checks) {
    const own = check.pendingFrom?.(text) ?? text.length - (check.overlapChars ?? 0)
    from = Math.min(from, own)
  }
  return Math.max(0, from)
}
