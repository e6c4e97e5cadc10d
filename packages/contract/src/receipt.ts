/**
 * Proof that one shard was screened: with what, against what, and with which results.
 * @module
 */
import { ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { DecisionCounts, KeyId, ListCoverage, Sha256Hex, SignatureHex, Timestamp } from "./screening.ts"

/** A shard as the plan names it; it names no item. */
export const ShardDocument = z.strictObject({
  id: z.string(),
  /** The dataset format that read it, such as `tar`. */
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  /** Whether its items are members of one file, or files of their own. */
  layout: z.enum(["packed", "loose"]),
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  items: z.int().nonnegative().exactOptional(),
  listingDigest: Sha256Hex,
})

/** Name and version of a shard receipt's form. */
export const RECEIPT_FORMAT = "nightlight-shard-receipt/1"

/** Receipt of one shard, signed by the workspace. */
export const ShardReceipt = z.strictObject({
  format: z.literal(RECEIPT_FORMAT),
  tool: z.string(),
  scan: z.string(),
  shard: ShardDocument,
  startedAt: Timestamp,
  finishedAt: Timestamp,
  indexVersion: z.int().nonnegative(),
  lists: z.array(ListCoverage),
  policyDigest: Sha256Hex,
  profile: z.enum(["fullres", "ref512nn"]),
  kernel: z.enum(["exact", "fast"]),
  /** Isolation of the decoder. */
  isolation: z.enum(ISOLATIONS),
  samples: z.int().nonnegative(),
  items: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  decisions: DecisionCounts,
  /** Samples that are not in the clean copy. */
  withheldSamples: z.int().nonnegative(),
  /** Exact matches (SHA-1, SHA-256) of trusted lists. */
  exactTrusted: z.int().nonnegative(),
  /** Items that match a list other than test lists: they are still in the source. */
  knownItems: z.int().nonnegative(),
  /** Test cards found. */
  testItems: z.int().nonnegative(),
  /** PDQ hits of pictures with too little detail to tell. */
  weakMatches: z.int().nonnegative(),
  /** Causes of `inconclusive`, counted. */
  causes: z.record(z.string(), z.int().nonnegative()),
  /** Bytes of the shard's own items that are `inconclusive`; nested ones are part of their archive. */
  inconclusiveBytes: z.int().nonnegative(),
  /** Items cleared although they could not be screened, by the media type that the policy names. */
  exceptions: z.record(z.string(), z.int().nonnegative()),
  sidecarSha256: Sha256Hex.exactOptional(),
  /** SHA-256 of each column's values, by row group of the sidecar: a hunt checks what it reads. */
  sidecarColumns: z.array(z.record(z.string(), Sha256Hex)).exactOptional(),
  findingsSha256: Sha256Hex.exactOptional(),
  /** Contents of the clean copy; absent if none was requested. */
  clean: z
    .strictObject({
      samplesDropped: z.int().nonnegative(),
      itemsWritten: z.int().nonnegative(),
      itemsDropped: z.int().nonnegative(),
      /** Rows of metadata tables that named a dropped item. */
      rowsDropped: z.int().nonnegative(),
      /** Rows of a table's file, in the source and in the copy. */
      rows: z.strictObject({ read: z.int().nonnegative(), written: z.int().nonnegative() }).exactOptional(),
      /** Clear samples dropped because they would have merged with a neighbour of the same key. */
      keyCollisions: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      outputSha256: Sha256Hex.exactOptional(),
      stale: z.array(z.string()),
    })
    .exactOptional(),
  /** Why the shard was set aside unread or half read: none of it is in the clean copy. */
  poison: z.string().exactOptional(),
  keyId: KeyId,
  signature: SignatureHex,
})

export type ShardReceipt = z.infer<typeof ShardReceipt>
