/**
 * Filing authorisations and what was filed under them, from the journal alone.
 * @module
 */

import type { FilingAuthorisation } from "@nightlight/contract/custodian"
import { DAY_MS } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"

/** A filing authorisation that two people proved. */
export interface KnownAuthorisation extends Omit<FilingAuthorisation, "format" | "issuedAt" | "template"> {
  /** SHA-256 of the canonical JSON of its template; the caller who files sends the template. */
  readonly templateSha256: string
  /** SHA-256 of its canonical JSON. */
  readonly authorisationSha256: string
  readonly revokedAt?: string
}

/** Follows `filing-authorisation.granted`, `filing-authorisation.revoked` and the grants used under one. */
export class AuthorisationBook implements Book {
  readonly #authorisations = new Map<string, KnownAuthorisation>()
  readonly #uses = new Map<string, number[]>()

  apply({ type, at, data }: AuditEvent): void {
    if (type === "filing-authorisation.granted") {
      const authorisation = data as unknown as KnownAuthorisation
      this.#authorisations.set(authorisation.authorisationId, authorisation)
    } else if (type === "filing-authorisation.revoked") {
      const known = this.#authorisations.get(data["authorisationId"] as string)
      if (known !== undefined) this.#authorisations.set(known.authorisationId, { ...known, revokedAt: at })
    } else if (type === "grant.used" && data["purpose"] === "automatic-filing") {
      const authorisationId = data["authorisationId"] as string
      const atMs = Date.parse(at)
      const recent = (this.#uses.get(authorisationId) ?? []).filter((before) => atMs - before <= 2 * DAY_MS)
      this.#uses.set(authorisationId, [...recent, atMs])
    }
  }

  find(authorisationId: string): KnownAuthorisation | undefined {
    return this.#authorisations.get(authorisationId)
  }

  all(): readonly KnownAuthorisation[] {
    return [...this.#authorisations.values()]
  }

  /** Counts what was filed under one within a day of a time, before it or, if a clock went back, after it. */
  usedInDay(authorisationId: string, now: Date): number {
    return (this.#uses.get(authorisationId) ?? []).filter((at) => Math.abs(now.getTime() - at) < DAY_MS).length
  }
}
