import { z } from "zod"
import { KeyId, Sha256Hex, SignatureHex, Timestamp } from "./screening.ts"

const Count = z.int().nonnegative()

/** Name and version of a purge receipt's form. */
export const PURGE_FORMAT = "nightlight-purge-receipt/1"

/** Receipt of a purge, signed by the workspace. */
export const PurgeReceipt = z.strictObject({
  format: z.literal(PURGE_FORMAT),
  tool: z.string(),
  purge: z.string(),
  /** Name of the scan or the hunt whose items were to be removed. */
  scan: z.string(),
  /** Absolute path of the copy that was purged instead of the scan's own source. */
  from: z.string().exactOptional(),
  basis: z.string(),
  people: z.string(),
  purgedAt: Timestamp,
  itemsKnown: Count,
  itemsRemoved: Count,
  samplesRemoved: Count,
  gone: Count,
  /** Absolute path that the paths of shards are relative to. */
  root: z.string(),
  /** Absolute paths of the folders and files that were purged. */
  sources: z.array(z.string()),
  /** Keyed digests of the items to remove. */
  targets: z.array(Sha256Hex),
  /** Archives that were read to their end and no longer contain any of `targets`. */
  clearedArchives: z.array(z.string()),
  /** Whether all plain files were read and none of them is one of `targets` any more. */
  clearedFiles: z.boolean(),
  shards: z.array(
    z.strictObject({
      path: z.string(),
      /** Keyed digests of the removed items, in the shard's order. */
      itemDigests: z.array(Sha256Hex),
      samplesRemoved: Count,
      itemsRemoved: Count,
      stale: z.array(z.string()),
      sha256: Sha256Hex.exactOptional(),
    }),
  ),
  failed: z.array(z.strictObject({ path: z.string(), code: z.string() })),
  keyId: KeyId,
  signature: SignatureHex,
})

export type PurgeReceipt = z.infer<typeof PurgeReceipt>
