import type { ServerConfig } from "../../platform/config/schema.ts"
import type { ExposureConfig } from "./types.ts"

/** Budgets of looking. */
export function exposureConfigOf({ exposure }: ServerConfig): ExposureConfig {
  const { timeZone, firstShifts, firstShiftsShare, ...limits } = exposure
  return { timeZone, firstShifts, firstShiftsShare, limits }
}
