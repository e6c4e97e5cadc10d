import type { LookPreferences } from "@nightlight/contract/server"
import type { ServerConfig } from "../../platform/config/schema.ts"

/** The loosest that anybody looks. */
export function lookFloorOf({ looking }: ServerConfig): LookPreferences {
  const { maxSizePx, minBlurPx, maxSeconds } = looking
  return { sizePx: maxSizePx, blurPx: minBlurPx, hideAfterSeconds: maxSeconds, greyscale: true }
}
