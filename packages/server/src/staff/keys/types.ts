import type { Scope } from "../../platform/auth/actor.ts"

/** A service's key, without its token, which is shown once. */
export interface ServiceKey {
  /** `key-<uuid>`. */
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Enrolled source that the key is bound to. */
  readonly source: string | undefined
  /** Items that it may have screened in a minute, in each server process. */
  readonly callsPerMinute: number
  readonly madeBy: string
  readonly madeAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | undefined
  /** Rounded to the hour. */
  readonly usedAt: Date | undefined
  /** The key that replaces this one. */
  readonly replacedBy: string | undefined
  /** Until when this key is accepted beside its replacement. */
  readonly overlapEndsAt: Date | undefined
}
