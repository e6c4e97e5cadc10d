/**
 * Limits of looking: whose hold, and which are looser.
 * @module
 */
import type { OwnLimits } from "../../platform/db/tables/casework.ts"
import type { ExposureConfig, Limits } from "./types.ts"

/** For each kind, the stricter of two. */
export function stricter(a: Limits, b: OwnLimits): Limits {
  return {
    itemsPerDay: Math.min(a.itemsPerDay, b.itemsPerDay ?? Infinity),
    originalsPerDay: Math.min(a.originalsPerDay, b.originalsPerDay ?? Infinity),
    minutesPerDay: Math.min(a.minutesPerDay, b.minutesPerDay ?? Infinity),
    breakAfterMinutes: Math.min(a.breakAfterMinutes, b.breakAfterMinutes ?? Infinity),
    breakMinutes: Math.max(a.breakMinutes, b.breakMinutes ?? 0),
    consecutive: Math.min(a.consecutive, b.consecutive ?? Infinity),
    cutOff: earlier(a.cutOff, b.cutOff ?? null),
  }
}

/** Whether some of these limits let through more than those in force. */
export function isLooser(wanted: OwnLimits, inForce: Limits): boolean {
  const changed = { ...inForce, ...wanted }
  const kept = stricter(inForce, changed)
  return (Object.keys(changed) as (keyof Limits)[]).some((kind) => changed[kind] !== kept[kind])
}

/** What holds for a person: the installation's limits, stricter where the person's own are, lower in the first shifts. */
export function limitsInForce(
  everybodys: Limits,
  own: OwnLimits,
  {
    shiftsBefore,
    firstShifts,
    firstShiftsShare,
  }: Pick<ExposureConfig, "firstShifts" | "firstShiftsShare"> & {
    readonly shiftsBefore: number
  },
): Limits {
  const limits = stricter(everybodys, own)
  if (shiftsBefore >= firstShifts) return limits
  return {
    ...limits,
    itemsPerDay: Math.floor(limits.itemsPerDay * firstShiftsShare),
    originalsPerDay: Math.floor(limits.originalsPerDay * firstShiftsShare),
    minutesPerDay: Math.floor(limits.minutesPerDay * firstShiftsShare),
  }
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
