/**
 * Guards: each that delivers to this server sends a heartbeat every minute; one that falls silent is late.
 * @module
 */
import type { GuardHeartbeat, GuardHeartbeatAnswer, GuardList } from "@nightlight/contract/server"
import type { z } from "zod"
import type { Actor } from "../../platform/auth/actor.ts"

/** One guard process, as it was heard last. */
export interface HeardGuard {
  readonly source: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly heartbeat: GuardHeartbeat
}

/** Hears guards. */
export interface Guards {
  /**
   * Takes a guard's heartbeat. An event is written when it is heard first and when it stops, none in between.
   *
   * @throws {RequestError} `forbidden` if the key speaks for no live source.
   */
  hear(actor: Actor, heartbeat: GuardHeartbeat): Promise<z.infer<typeof GuardHeartbeatAnswer>>
  /** Guards of sources that are not revoked. */
  list(actor: Actor): Promise<z.infer<typeof GuardList>>
}
