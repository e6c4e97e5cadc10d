/**
 * The configuration of case work, as its features take it.
 * @module
 */
import type { ServerConfig } from "../config/schema.ts"
import type { ExposureConfig } from "../exposure/types.ts"
import type { PagerConfig } from "../pager/types.ts"

/** Budgets of looking. */
export function exposureConfigOf({ exposure }: ServerConfig): ExposureConfig {
  const { timeZone, firstShifts, firstShiftsShare, ...limits } = exposure
  return { timeZone, firstShifts, firstShiftsShare, limits }
}

/** How a person is called. */
export function pagerConfigOf({ pager: { webhook, command } }: ServerConfig): PagerConfig {
  const [program, ...given] = command
  return {
    ...(webhook !== null && { webhook: { url: webhook } }),
    ...(program !== undefined && { command: [program, ...given] }),
  }
}
