/**
 * A decision worth keeping: the index compartment's row. It holds ids, codes, keyed digests and times; the item's
 * name, URL, true digests and perceptual hashes lie sealed in the evidence that it points to.
 * @module
 */
import { z } from "zod"
import { DecisionName, MatchDocument, Sha256Hex, Timestamp } from "./screening.ts"

/** One finding of a scan or a hunt. */
export const Finding = z.strictObject({
  /** Keyed digest of dataset, shard, ordinal and content: the same find has the same id in every run. */
  id: Sha256Hex,
  scan: z.string(),
  shard: z.string(),
  /** Position of the item among all of the shard's, from 0. */
  ordinal: z.int().nonnegative(),
  /** Position of its sample, from 0. */
  sample: z.int().nonnegative(),
  /** 0 for the shard's own member, more for a member of a nested archive. */
  depth: z.int().nonnegative(),
  decision: DecisionName,
  /** Name of the policy rule that decided. */
  rule: z.string(),
  policyDigest: Sha256Hex,
  /** Keyed digest of the item's SHA-256; absent where nothing could be read of it. */
  itemDigest: Sha256Hex.exactOptional(),
  sizeBytes: z.int().nonnegative(),
  mediaType: z.string(),
  /** Which of the screening's paths the item took, one of core's `MediaKind`. */
  kind: z.string(),
  /** Why it could not be looked into, where it could not. */
  cause: z.string().exactOptional(),
  matches: z.array(MatchDocument),
  weakMatches: z.array(MatchDocument),
  /** Sealed copy or, under `locate` custody, sealed context alone. */
  evidence: z
    .strictObject({
      id: Sha256Hex,
      ciphertextSha256: Sha256Hex,
      sizeBytes: z.int().nonnegative(),
      /** Whether the content itself is in it. */
      content: z.boolean(),
    })
    .exactOptional(),
  foundAt: Timestamp,
})

/** One finding. */
export type Finding = z.infer<typeof Finding>
