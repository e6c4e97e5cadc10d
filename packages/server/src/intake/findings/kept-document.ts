/**
 * The part of a finding that intake stores until the finding is attached to a case.
 * @module
 */
import { Finding } from "@nightlight/contract"
import type { JsonValue } from "@nightlight/core"
import { z } from "zod"

/** The members that intake needs; of a pushed finding everything is stored. */
export const KeptDocument = z.object(
  Finding.pick({ scan: true, shard: true, ordinal: true, sizeBytes: true, mediaType: true, kind: true, foundAt: true })
    .shape,
)

export type KeptDocument = z.infer<typeof KeptDocument>

/** Purpose under which documents are encrypted. */
export const DOCUMENT_PURPOSE = "received-finding"

/** The key that a source's findings are encrypted under; each source has its own. */
export function documentKey(sourceId: string): string {
  return `intake-${sourceId}`
}

/** A finding as JSON, to be encrypted. */
export function toKept(finding: Finding | KeptDocument): JsonValue {
  return finding as unknown as JsonValue
}
