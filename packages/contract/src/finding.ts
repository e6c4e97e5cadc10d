/**
 * A decision worth keeping: a row of the index compartment. It holds ids, codes, keyed digests and times; the item's
 * name, URL, true digests and perceptual hashes are sealed in the evidence that it refers to.
 * @module
 */
import { z } from "zod"
import { DecisionName, MatchDocument, Sha256Hex, Timestamp } from "./screening.ts"

/** One finding of a scan or a hunt. */
export const Finding = z.strictObject({
  /**
   * Keyed digest of dataset, place and content: the same finding has the same id in every run. The place is a packed
   * shard with the item's ordinal, or a separate file.
   */
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
  /** Keyed digest of the item's SHA-256; absent if nothing of it could be read. */
  itemDigest: Sha256Hex.exactOptional(),
  sizeBytes: z.int().nonnegative(),
  mediaType: z.string(),
  /** The screening's path for the item, one of core's `MediaKind`. */
  kind: z.string(),
  /** Why it could not be screened, if so. */
  cause: z.string().exactOptional(),
  matches: z.array(MatchDocument),
  weakMatches: z.array(MatchDocument),
  /** Sealed copy or, under `locate` custody, only sealed context. */
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

export type Finding = z.infer<typeof Finding>
