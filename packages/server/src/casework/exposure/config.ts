import type { ServerConfig } from "../../platform/config/schema.ts"
import type { ExposureConfig } from "./types.ts"

/** Limits of viewing. */
export function exposureConfigOf({ exposure }: ServerConfig): ExposureConfig {
  const { timeZone, ...limits } = exposure
  return { timeZone, limits }
}
