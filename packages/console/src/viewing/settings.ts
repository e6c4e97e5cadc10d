/**
 * Viewing settings: a person's own may be stricter than the organisation's floor, never looser.
 * @module
 */
import { stricterViewing, type ViewingPreferences } from "@nightlight/contract/server"

/** Whether the person's own settings show less than the floor in any way. */
export function isStricter(own: ViewingPreferences, floor: ViewingPreferences): boolean {
  const both = stricterViewing(own, floor)
  return (Object.keys(floor) as (keyof ViewingPreferences)[]).some((name) => both[name] !== floor[name])
}
