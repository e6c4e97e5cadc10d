/**
 * Results of a hunt: items that an earlier scan cleared and that new entries of lists match.
 * @module
 */
import { z } from "zod"
import { DecisionName, KeyId, ListCoverage, MatchDocument, Sha256Hex, SignatureHex, Timestamp } from "./screening.ts"

const Count = z.int().nonnegative()

/** One matched item: a row of the restricted store, in the index compartment's terms. */
export const HuntItem = z.strictObject({
  scan: z.string(),
  shard: z.string(),
  shardPath: z.string(),
  /** Position of the item among all of its shard's, from 0. */
  ordinal: Count,
  /** Keyed digest of the item's SHA-256. */
  itemDigest: Sha256Hex,
  decision: DecisionName,
  rule: z.string(),
  matches: z.array(MatchDocument),
})

export type HuntItem = z.infer<typeof HuntItem>

/** Name and version of a hunt report's form. */
export const HUNT_FORMAT = "nightlight-hunt/1"

/** Report of a hunt over one or more scans, signed by the workspace. */
export const HuntReport = z.strictObject({
  format: z.literal(HUNT_FORMAT),
  tool: z.string(),
  hunt: z.string(),
  huntedAt: Timestamp,
  /** The index that the lists belong to. */
  indexVersion: Count,
  /** The lists that were hunted with. */
  coverage: z.array(ListCoverage),
  scans: z.array(
    z.strictObject({
      scan: z.string(),
      /** Versions of the lists before and now. */
      lists: z.array(z.strictObject({ name: z.string(), from: Count, to: Count })),
      newEntries: Count,
      /** New addresses of lists: a hunt has only hashes, so they were not looked for. */
      newAddresses: Count,
      fingerprints: Count,
      items: Count,
      /** Ids of findings whose entry the source has withdrawn since, for a person to review again. */
      withdrawn: z.array(Sha256Hex),
      /** Whether turned and mirrored copies could be found. */
      orientations: z.boolean(),
      /** Whether the scan was complete and all of its shards were hunted through. */
      complete: z.boolean(),
    }),
  ),
  /** Known items in place, by shard; only of these hunts. */
  inPlace: z.array(z.strictObject({ scan: z.string(), path: z.string(), items: Count })),
  itemsSha256: Sha256Hex,
  keyId: KeyId,
  signature: SignatureHex,
})

export type HuntReport = z.infer<typeof HuntReport>
