import { compact, DependencyError, NightlightError } from "@nightlight/core"

/** SQLSTATE of a disk without space. */
const DISK_FULL = "53100"

/**
 * Converts a driver's error. Our own errors are returned unchanged; of others only the code is kept, because their
 * messages quote values.
 *
 * @returns `disk_full`, else `unavailable`, with the code in `details.sqlState`.
 */
export function toConnectionError(error: unknown): NightlightError {
  if (error instanceof NightlightError) return error
  const code = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined
  const details = compact({ sqlState: typeof code === "string" ? code : undefined })
  if (code === DISK_FULL) return new DependencyError("disk_full", "the database has no space left", { details })
  return new DependencyError("unavailable", "the database cannot be reached", { details })
}
