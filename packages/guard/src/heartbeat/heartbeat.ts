/**
 * Sends the state of this guard to the server that incidents are delivered to, every minute and once when it stops. A
 * failure changes nothing here: a server that receives no heartbeat sees that this guard is late.
 * @module
 */

import type { IntakeClient } from "@nightlight/contract/client"
import { GUARD_HEARTBEAT_SECONDS, type GuardHeartbeat } from "@nightlight/contract/server"
import { hasCode } from "@nightlight/core"

/** Client, content and interval of a heartbeat. */
export interface HeartbeatOptions {
  readonly client: Pick<IntakeClient, "sendHeartbeat">
  /** The state of the guard now. */
  readonly body: () => Promise<Omit<GuardHeartbeat, "state">>
  readonly isDraining: () => boolean
  /** Called each time the server begins to refuse heartbeats. */
  readonly onAlarm: (code: string) => void
  /** Milliseconds; a minute unless given. */
  readonly everyMs?: number
}

/** A running heartbeat. */
export interface Heartbeat {
  /** Sends a last heartbeat and ends. A server that does not answer delays this by at most five seconds. */
  stop(): Promise<void>
}

/** Sends the first heartbeat now, then one every minute. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { client, body, isDraining, onAlarm, everyMs = GUARD_HEARTBEAT_SECONDS * 1000 } = options
  let isFailing = false
  let saying: Promise<void> | undefined

  async function say(state: GuardHeartbeat["state"]): Promise<void> {
    try {
      await client.sendHeartbeat({ ...(await body()), state })
      isFailing = false
    } catch (error) {
      // A server of an older version does not accept heartbeats.
      if (!isFailing && !hasCode(error, "not_found")) onAlarm("heartbeat_not_taken")
      isFailing = true
    }
  }

  const beat = () => {
    saying ??= say(isDraining() ? "draining" : "running").finally(() => {
      saying = undefined
    })
  }
  beat()
  const timer = setInterval(beat, everyMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      const before = saying
      await before
      // After a failed heartbeat the last one would only delay the end again.
      if (before === undefined || !isFailing) await say("stopped")
    },
  }
}
