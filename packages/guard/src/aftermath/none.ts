/**
 * What follows a block where nothing is kept: a count, and an alarm for each.
 * @module
 */
import type { Aftermath } from "./ports.ts"

/** Keeps nothing. `onAlarm` is told the exchange's id. */
export function keepNothing(onAlarm: (exchange: string) => void): Aftermath {
  return {
    block: async ({ exchange }) => {
      onAlarm(exchange)
      return "alarm"
    },
    state: () => ({ accepting: true, fault: "nothing_is_kept", spooled: 0 }),
    close: async () => {},
  }
}
