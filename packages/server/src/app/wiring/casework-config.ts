/**
 * The configuration of case work, as its features take it.
 * @module
 */

import type { LookPreferences } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { ExposureConfig } from "../../casework/exposure/types.ts"
import type { ServerConfig } from "../../platform/config/schema.ts"
import type { PagerConfig } from "../../staff/pager/types.ts"

/** Budgets of looking. */
export function exposureConfigOf({ exposure }: ServerConfig): ExposureConfig {
  const { timeZone, firstShifts, firstShiftsShare, ...limits } = exposure
  return { timeZone, firstShifts, firstShiftsShare, limits }
}

/** The loosest that anybody looks. */
export function lookFloorOf({ looking }: ServerConfig): LookPreferences {
  const { maxSizePx, minBlurPx, maxSeconds } = looking
  return { sizePx: maxSizePx, blurPx: minBlurPx, hideAfterSeconds: maxSeconds, greyscale: true }
}

/** How a person is called. */
export function pagerConfigOf({ pager: { webhook, command, contact } }: ServerConfig): PagerConfig {
  const [program, ...given] = command
  return compact({
    webhook: webhook === null ? undefined : { url: webhook },
    command: program === undefined ? undefined : ([program, ...given] as const),
    contact: contact ?? undefined,
  })
}
