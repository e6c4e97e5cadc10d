/**
 * Guards: each that delivers to this server sends a heartbeat every minute; one that falls silent is late.
 * @module
 */
import type { GuardHeartbeat, GuardHeartbeatAnswer, GuardList } from "@nightlight/contract/server"
import type { z } from "zod"
import type { Actor } from "../../platform/auth/actor.ts"

/** One guard process, by its last heartbeat. */
export interface GuardProcess {
  readonly source: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly heartbeat: GuardHeartbeat
}

/** The last heartbeat of each guard process: those of 7 days, and at most 200 of a source. */
export interface Guards {
  /**
   * Records a guard's heartbeat. An event is written for the first heartbeat and when the guard stops, none in between.
   *
   * @throws {RequestError} `forbidden` if the key has no live source.
   */
  hear(actor: Actor, heartbeat: GuardHeartbeat): Promise<z.infer<typeof GuardHeartbeatAnswer>>
  /** Guards of sources that are not revoked. */
  list(actor: Actor): Promise<z.infer<typeof GuardList>>
}
