/**
 * Which standing authorisations there are, and what was filed on them: what the journal says, and nothing else.
 * @module
 */

import type { Standing } from "@nightlight/contract/custodian"
import { DAY_MS } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"

/** A standing authorisation that two people proved. */
export interface KnownStanding extends Omit<Standing, "format" | "issuedAt" | "template"> {
  /** SHA-256 of the canonical JSON of its template: whoever files brings the template. */
  readonly templateSha256: string
  /** SHA-256 of its canonical JSON. */
  readonly standingSha256: string
  readonly revokedAt?: string
}

/** Follows `standing.granted`, `standing.revoked` and the grants that were used on one. */
export class StandingBook implements Book {
  readonly #standings = new Map<string, KnownStanding>()
  readonly #uses = new Map<string, number[]>()

  apply({ type, at, data }: AuditEvent): void {
    if (type === "standing.granted") {
      const standing = data as unknown as KnownStanding
      this.#standings.set(standing.standingId, standing)
    } else if (type === "standing.revoked") {
      const known = this.#standings.get(data["standingId"] as string)
      if (known !== undefined) this.#standings.set(known.standingId, { ...known, revokedAt: at })
    } else if (type === "grant.used" && data["purpose"] === "automatic-filing") {
      const standingId = data["standingId"] as string
      const atMs = Date.parse(at)
      const recent = (this.#uses.get(standingId) ?? []).filter((before) => atMs - before <= 2 * DAY_MS)
      this.#uses.set(standingId, [...recent, atMs])
    }
  }

  find(standingId: string): KnownStanding | undefined {
    return this.#standings.get(standingId)
  }

  all(): readonly KnownStanding[] {
    return [...this.#standings.values()]
  }

  /** Counts what was filed on one within a day of a time, before it or, where a clock went back, after it. */
  usedInDay(standingId: string, now: Date): number {
    return (this.#uses.get(standingId) ?? []).filter((at) => Math.abs(now.getTime() - at) < DAY_MS).length
  }
}
