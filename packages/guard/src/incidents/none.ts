/**
 * The variant that keeps no incidents: every block raises an alarm.
 * @module
 */
import type { Incidents } from "./ports.ts"

/** Keeps nothing. Calls `onAlarm` with the exchange's id. */
export function keepNothing(onAlarm: (exchange: string) => void): Incidents {
  return {
    block: async ({ exchange }) => {
      onAlarm(exchange)
      return "alarm"
    },
    state: () => ({ accepting: true, fault: "nothing_is_kept", spooled: 0 }),
    close: async () => {},
  }
}
