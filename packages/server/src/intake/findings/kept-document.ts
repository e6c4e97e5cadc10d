/**
 * What intake keeps of a finding until it stands in a case.
 * @module
 */
import { Finding } from "@nightlight/contract"
import type { JsonValue } from "@nightlight/core"
import { z } from "zod"

/** The members that intake needs; of a pushed finding the whole is kept. */
export const KeptDocument = z.object(
  Finding.pick({ scan: true, shard: true, ordinal: true, sizeBytes: true, mediaType: true, kind: true, foundAt: true })
    .shape,
)

/** A finding as it is kept. */
export type KeptDocument = z.infer<typeof KeptDocument>

/** Purpose under which documents are encrypted. */
export const DOCUMENT_PURPOSE = "received-finding"

/** The key that a source's findings are encrypted under: one a source. */
export function documentKey(sourceId: string): string {
  return `intake-${sourceId}`
}

/** A finding as JSON, ready to be encrypted. */
export function toKept(finding: Finding | KeptDocument): JsonValue {
  return finding as unknown as JsonValue
}
