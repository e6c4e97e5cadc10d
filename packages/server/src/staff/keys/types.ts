import type { Scope } from "../../platform/auth/actor.ts"

/** A service's key, without its token: that is shown once. */
export interface ServiceKey {
  /** `key-<uuid>`. */
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Enrolled source that it speaks for. */
  readonly source: string | undefined
  readonly madeBy: string
  readonly madeAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | undefined
  /** To the hour. */
  readonly usedAt: Date | undefined
  /** The key that takes this one's place. */
  readonly replacedBy: string | undefined
  /** Until when this one is taken beside it. */
  readonly overlapEndsAt: Date | undefined
}
