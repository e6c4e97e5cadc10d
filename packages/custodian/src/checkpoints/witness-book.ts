import { AUDIT_GENESIS, type AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"
import type { LogHead } from "./shown-lines.ts"

/** A head that was signed. */
export interface SignedHead extends LogHead {
  /** When it was signed, ISO 8601: stands in the checkpoint's line. */
  readonly signedAt: string
}

/** Type of the event that the first unlock after a handover leaves. */
export const KEY_TURNED = "checkpoint-key.turned"

const HOUR_MS = 60 * 60_000

/** Knows the last head that the journal says was signed, and how many were within the hour. */
export class WitnessBook implements Book {
  #signed: SignedHead | undefined
  /** Of the last hours, milliseconds. */
  #times: number[] = []

  /** How many handovers of the checkpoint key the journal speaks of. */
  handovers = 0

  apply({ type, data }: AuditEvent): void {
    if (type === KEY_TURNED) this.handovers++
    if (type !== "checkpoint.signed") return
    const { logSeq, logHash, logAt, signedAt } = data as Readonly<Record<string, string | number>>
    this.#signed = { seq: Number(logSeq), hash: String(logHash), eventAt: String(logAt), signedAt: String(signedAt) }
    const atMs = Date.parse(this.#signed.signedAt)
    if (atMs - (this.#times[0] ?? atMs) > 2 * HOUR_MS) this.#times = this.#times.filter((time) => atMs - time < HOUR_MS)
    this.#times.push(atMs)
  }

  /** `undefined` before the first. */
  get signed(): SignedHead | undefined {
    return this.#signed
  }

  /** What the next line must follow. */
  get head(): LogHead {
    return this.#signed ?? { seq: 0, hash: AUDIT_GENESIS }
  }

  /** Counts what was signed within an hour of a time, before it or, where a clock went back, after it. */
  countInHour(now: Date): number {
    return this.#times.filter((time) => Math.abs(now.getTime() - time) < HOUR_MS).length
  }
}
