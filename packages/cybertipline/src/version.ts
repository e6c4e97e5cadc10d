/**
 * Which edition of the API a document is written for.
 *
 * `2025-06` is the published schema with the documentation of 11 June 2025. `2026-08` adds what the documentation of
 * 26 August 2026 is reported to add; no schema of that edition was seen, so it stays off unless asked for.
 */
export type SchemaVersion = "2025-06" | "2026-08"

/** Every edition this package knows, oldest first. */
export const SCHEMA_VERSIONS = ["2025-06", "2026-08"] as const satisfies readonly SchemaVersion[]

/** The edition used where none is named. */
export const DEFAULT_SCHEMA_VERSION: SchemaVersion = "2025-06"

/** Whether a part added in `since` belongs to `version`; a part with no `since` always does. */
export function isIn(version: SchemaVersion, since: SchemaVersion | undefined): boolean {
  return since === undefined || SCHEMA_VERSIONS.indexOf(since) <= SCHEMA_VERSIONS.indexOf(version)
}
