/**
 * A scan's report in one document: `report.json`, which `report.html` draws. Counts, codes and the paths that an
 * operator typed; no item's name, URL or hash.
 * @module
 */
import { ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { DecisionCounts, ListCoverage, Sha256Hex, Timestamp } from "./screening.ts"

const Count = z.int().nonnegative()

/** Report of one scan. */
export const ScanReport = z.strictObject({
  version: z.literal(1),
  tool: z.string(),
  scan: z.string(),
  /** `complete`, `stopped` for a person, or `partial`: shards are left that failed or were beyond the run's limit. */
  state: z.enum(["complete", "stopped", "partial"]),
  startedAt: Timestamp,
  finishedAt: Timestamp,
  /** Time spent screening over all runs of the command, seconds. */
  activeSeconds: z.number().nonnegative(),
  inputs: z.array(z.string()),
  out: z.string().exactOptional(),
  /** What the output's object store does with conditional writes; absent for a folder. */
  conditionalWrites: z.enum(["enforced", "refused", "ignored"]).exactOptional(),
  /** Full hash of the commit that was read, where the source is a repository. */
  commit: z.string().exactOptional(),
  /** False if there were no lists but test lists to check with. */
  screened: z.boolean(),
  demo: z.boolean(),
  coverage: z.strictObject({
    lists: z.array(ListCoverage),
    indexVersion: Count,
    policy: z.strictObject({ name: z.string(), digest: Sha256Hex }),
    profile: z.string(),
    kernel: z.string(),
    isolation: z.enum(ISOLATIONS),
  }),
  custody: z.strictObject({ mode: z.enum(["locate", "seal"]), separated: z.boolean() }),
  /**
   * What was read. `bytes` are those of items; a shard that was set aside counts with its whole file, as in `unread`.
   */
  totals: z.strictObject({ shards: Count, samples: Count, items: Count, bytes: Count }),
  decisions: DecisionCounts,
  withheldSamples: Count,
  /** Shards of the plan that no run has screened yet. */
  remaining: Count,
  /** What nothing looked into: items decided `inconclusive`, and shards that were set aside. */
  unread: z.strictObject({
    items: Count,
    bytes: Count,
    /** These items by media type, as their first bytes say. */
    types: z.record(z.string(), Count),
    /** Whether they are more than half of all items, or of all bytes, of `totals`. */
    isMost: z.boolean(),
  }),
  /** Causes of `inconclusive`. */
  causes: z.record(z.string(), Count),
  /** Items cleared without screening, by the media type that the policy names. */
  exceptions: z.record(z.string(), Count),
  /** Items by list and type of hash that matched them. */
  matches: z.array(
    z.strictObject({
      list: z.string(),
      trust: z.enum(["trusted", "unverified", "test"]),
      hashType: z.enum(["md5", "sha1", "sha256", "pdq", "url"]),
      items: Count,
    }),
  ),
  /** PDQ matches by distance in bits: position 0 holds distance 0. */
  distances: z.array(Count),
  /** PDQ matches by how the copy differs from the listed picture, such as `flipY` or `letterbox`. */
  transformations: z.record(z.string(), Count),
  /** PDQ hits of pictures with too little detail to tell (quality below 50): recorded, without consequence. */
  weakMatches: Count,
  /** Entries that matched more than 20 distinct items. */
  flooding: z.array(z.strictObject({ list: z.string(), entry: Count, entryId: z.string().exactOptional() })),
  sealed: z.strictObject({ withContent: Count, contextOnly: Count }),
  /** Known items still in the source; `test` counts test cards, which are not among `items`. */
  inPlace: z.strictObject({
    items: Count,
    test: Count,
    shards: z.array(z.strictObject({ path: z.string(), items: Count })),
  }),
  clean: z
    .strictObject({
      samplesDropped: Count,
      /** Clear samples among them: beside a dropped one, loaders would have merged them with another of the same key. */
      keyCollisions: Count,
      itemsWritten: Count,
      bytes: Count,
      /** Files beside the shards that a dropped sample made wrong, left out of the copy. */
      stale: z.array(z.string()),
    })
    .exactOptional(),
  /** Files that were not read, by reason, such as `symlink`. */
  skipped: z.record(z.string(), Count),
  poison: z.array(z.strictObject({ path: z.string(), code: z.string() })),
  failed: z.array(z.strictObject({ path: z.string(), code: z.string() })),
  /** When each shard was done, and its items: the rate over time. */
  timeline: z.array(z.strictObject({ finishedAt: Timestamp, seconds: z.number().nonnegative(), items: Count })),
})

export type ScanReport = z.infer<typeof ScanReport>
