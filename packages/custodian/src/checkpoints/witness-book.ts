import { compact, HOUR_MS } from "@nightlight/core"
import { AUDIT_GENESIS, type AuditEvent, type CheckpointClaim, type RestartFacts } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"
import type { LogHead } from "./shown-lines.ts"

/** A head that was signed. */
export interface SignedHead extends LogHead {
  /** When it was signed, ISO 8601, as in the checkpoint's line. */
  readonly signedAt: string
  /** How often checkpoints had been restarted. */
  readonly restarts: number
  /** If the head comes from a restart instead of shown lines. */
  readonly restart?: RestartFacts
}

/** Type of the event that the first unlock after a handover records. */
export const KEY_ROTATED = "checkpoint-key.rotated"

/** Knows the last signed head, how many were signed within the hour, and every restart, from the journal. */
export class WitnessBook implements Book {
  #signed: SignedHead | undefined
  #restarts = 0
  readonly #restartIds = new Set<string>()
  /** Times of the last hours, milliseconds. */
  #times: number[] = []
  #restartTimes: number[] = []

  /** Number of handovers of the checkpoint key in the journal. */
  handovers = 0

  apply({ type, data }: AuditEvent): void {
    if (type === KEY_ROTATED) this.handovers++
    else if (type === "checkpoint.signed") this.#sign(data as Entry)
    else if (type === "checkpoints.restarted") this.#restart(data as Entry)
  }

  #sign(entry: Entry): void {
    this.#signed = { ...headOf(entry), restarts: this.#restarts }
    const atMs = Date.parse(this.#signed.signedAt)
    if (atMs - (this.#times[0] ?? atMs) > 2 * HOUR_MS) this.#times = this.#times.filter((time) => atMs - time < HOUR_MS)
    this.#times.push(atMs)
  }

  #restart(entry: Entry): void {
    const { restartId, person, reason, beforeSeq, beforeHash } = entry
    this.#restarts++
    this.#restartIds.add(String(restartId))
    const restart = {
      restartId: String(restartId),
      person: String(person),
      reason: String(reason),
      before: { seq: Number(beforeSeq), hash: String(beforeHash) },
    }
    this.#signed = { ...headOf(entry), restarts: this.#restarts, restart }
    this.#restartTimes.push(Date.parse(this.#signed.signedAt))
  }

  /** `undefined` before the first. */
  get signed(): SignedHead | undefined {
    return this.#signed
  }

  /** The position that the next line must follow. */
  get head(): LogHead {
    return this.#signed ?? { seq: 0, hash: AUDIT_GENESIS }
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Whether a restart was used. */
  isUsed(restartId: string): boolean {
    return this.#restartIds.has(restartId)
  }

  /** Counts what was signed within an hour of a time, before it or, if a clock went back, after it. */
  countInHour(now: Date): number {
    return countWithin(this.#times, now)
  }

  /** Counts restarts in the same way. */
  countRestartsInHour(now: Date): number {
    return countWithin(this.#restartTimes, now)
  }
}

type Entry = Readonly<Record<string, string | number>>

function headOf({ logSeq, logHash, logAt, signedAt }: Entry): Omit<SignedHead, "restarts"> {
  return { seq: Number(logSeq), hash: String(logHash), eventAt: String(logAt), signedAt: String(signedAt) }
}

function countWithin(times: readonly number[], now: Date): number {
  return times.filter((time) => Math.abs(now.getTime() - time) < HOUR_MS).length
}

/** The claim in the line of a signed head. */
export function toClaim({ seq, hash, signedAt, restarts, restart }: SignedHead): CheckpointClaim {
  return compact({ seq, hash, at: signedAt, restarts, restart })
}
