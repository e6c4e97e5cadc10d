/**
 * Says every minute to the server that finds are delivered to how this guard stands, and once when it stops. What goes
 * wrong with it changes nothing here: a server that hears nothing sees that this guard is late.
 * @module
 */
import { GUARD_HEARTBEAT_SECONDS, type GuardHeartbeat } from "@nightlight/contract/server"
import { hasCode } from "@nightlight/core"
import type { ServerClient } from "../incidents/server-client.ts"

/** What {@link startHeartbeat} takes. */
export interface HeartbeatOptions {
  readonly client: Pick<ServerClient, "stand">
  /** How the guard stands now. */
  readonly word: () => Promise<Omit<GuardHeartbeat, "state">>
  readonly isDraining: () => boolean
  /** Told once, each time the server begins to take no word. */
  readonly onAlarm: (code: string) => void
  /** Milliseconds; a minute unless given. */
  readonly everyMs?: number
}

/** A heartbeat at work. */
export interface Heartbeat {
  /** Says a last word and ends. A server that does not answer delays that by five seconds at most. */
  stop(): Promise<void>
}

/** Starts saying how the guard stands: at once, then every minute. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { client, word, isDraining, onAlarm, everyMs = GUARD_HEARTBEAT_SECONDS * 1000 } = options
  let isFailing = false
  let saying: Promise<void> | undefined

  async function say(state: GuardHeartbeat["state"]): Promise<void> {
    try {
      await client.stand({ ...(await word()), state })
      isFailing = false
    } catch (error) {
      // A server of an older version hears no guards.
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
      // A server that did not take this one would delay the end once more.
      if (before === undefined || !isFailing) await say("stopped")
    },
  }
}
