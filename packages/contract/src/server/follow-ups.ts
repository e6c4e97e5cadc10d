/**
 * Hunts and purges over HTTP: what a workspace did about its datasets after their scans. They contain no path, file
 * name, hash or entry of a list.
 * @module
 */
import { z } from "zod"
import { KeyId, Sha256Hex, SignatureHex, Timestamp } from "../screening.ts"
import { CodeCounts, Count, ReportCode, ScanNameText, SharedInPlace, SharedListCoverage } from "./shared-report.ts"
import { SourceId } from "./sources.ts"

/** The source's own name of a hunt, such as `h-000001`. */
export const HuntNameText = z.string().regex(/^h-\d{6}$/)

/** The source's own name of a purge, such as `p-000001`. */
export const PurgeNameText = z.string().regex(/^p-\d{6}$/)

/** Kinds of action after a scan that change what is known of its dataset. */
const FOLLOW_UP_KINDS = ["hunt", "purge"] as const
/** A hunt or a purge. */
export type FollowUpKind = (typeof FOLLOW_UP_KINDS)[number]

/** Maximum number of datasets that one hunt or purge names: those that were scanned last. */
export const MAX_FOLLOW_UP_DATASETS = 1000

/** State of a dataset right after a hunt or a purge, as the workspace knows it. */
const DatasetState = z.strictObject({
  /** See {@link SharedScanReport}. */
  dataset: Sha256Hex,
  /** The newest complete scan of the dataset at that time, else the newest of all, by the source's own name. */
  scan: ScanNameText,
  /** Whether that scan had screened every shard with a real list: unscreened shards may contain more. */
  fullyScreened: z.boolean(),
  /** Known items still in the source: found by that scan and by every hunt over it, less what purges removed. */
  inPlace: SharedInPlace,
})

/** A hunt's report as it leaves the workspace. */
export const SharedHunt = z.strictObject({
  version: z.literal(1),
  tool: ReportCode,
  hunt: HuntNameText,
  huntedAt: Timestamp,
  indexVersion: Count,
  /** Whether the hunt used a list other than test lists. */
  screened: z.boolean(),
  lists: z.array(SharedListCoverage).max(1000),
  datasets: z
    .array(
      z.strictObject({
        ...DatasetState.shape,
        /** Whether all shards of that scan were hunted through. */
        allShardsHunted: z.boolean(),
        newEntries: Count,
        fingerprints: Count,
        /** Items that a new entry matched, by the policy's decision. */
        items: CodeCounts,
        /** Findings whose entry was withdrawn by its source. */
        withdrawn: Count,
        /** Whether turned and mirrored copies could be found. */
        orientations: z.boolean(),
      }),
    )
    .max(MAX_FOLLOW_UP_DATASETS),
})
export type SharedHunt = z.infer<typeof SharedHunt>

/** A purge's receipt as it leaves the workspace. */
export const SharedPurge = z.strictObject({
  version: z.literal(1),
  tool: ReportCode,
  purge: PurgeNameText,
  /** The scan or hunt whose items were to be removed. */
  scanOrHunt: z.union([ScanNameText, HuntNameText]),
  purgedAt: Timestamp,
  /** Whether a copy was purged instead of the scan's own source. */
  copy: z.boolean(),
  /** `sealed`: every item was sealed; `named`: a report or an order was named, which stays in the workspace. */
  basis: z.enum(["sealed", "named"]),
  itemsKnown: Count,
  itemsRemoved: Count,
  samplesRemoved: Count,
  /** Known items that were not found. */
  gone: Count,
  /** Shards from which something was removed. */
  shards: Count,
  /** Shards that could not be read or written to their end, by code. */
  failed: CodeCounts,
  /** Datasets whose items were to be removed, and others that contain some of the same files. */
  datasets: z.array(DatasetState).max(MAX_FOLLOW_UP_DATASETS),
})
export type SharedPurge = z.infer<typeof SharedPurge>

/** Names and versions of the forms of a pushed hunt and a pushed purge. */
export const PUSHED_HUNT_FORMAT = "nightlight-pushed-hunt/1"
export const PUSHED_PURGE_FORMAT = "nightlight-pushed-purge/1"

/** `PUT /v1/hunts/:hunt` body, `:hunt` being the source's own name: signed by the source's key for this server's name of it. */
export const PushedHunt = z.strictObject({
  format: z.literal(PUSHED_HUNT_FORMAT),
  source: SourceId,
  report: SharedHunt,
  keyId: KeyId,
  signature: SignatureHex,
})
export type PushedHunt = z.infer<typeof PushedHunt>

/** `PUT /v1/purges/:purge` body, signed in the same way. */
export const PushedPurge = z.strictObject({
  format: z.literal(PUSHED_PURGE_FORMAT),
  source: SourceId,
  report: SharedPurge,
  keyId: KeyId,
  signature: SignatureHex,
})
export type PushedPurge = z.infer<typeof PushedPurge>

/** `PUT /v1/hunts/:hunt` and `PUT /v1/purges/:purge` answer; the statuses are those of a pushed scan. */
export const PushedFollowUpAnswer = z.strictObject({ status: z.enum(["accepted", "replaced", "known", "older"]) })
export type PushedFollowUpAnswer = z.infer<typeof PushedFollowUpAnswer>

/** A hunt or a purge of one dataset. */
export const FollowUp = z.strictObject({
  kind: z.enum(FOLLOW_UP_KINDS),
  /** The source's own name of it. */
  name: z.union([HuntNameText, PurgeNameText]),
  performedAt: Timestamp,
  receivedAt: Timestamp,
  /** Items that a hunt found in this dataset, or that a purge removed in all. */
  items: Count,
  /** For a purge: shards that it could not finish; for a hunt: whether part of the dataset was not hunted through. */
  unfinished: z.boolean(),
  inPlace: SharedInPlace,
})
export type FollowUp = z.infer<typeof FollowUp>

/** How many known items are in place, by the latest report about a dataset. */
export const CurrentInPlace = z.strictObject({
  ...SharedInPlace.shape,
  /** Time of that report. */
  asOf: Timestamp,
  /** Kind of that report. */
  reportKind: z.enum(["scan", ...FOLLOW_UP_KINDS]),
  /** False if the underlying scan did not screen every shard with a real list: there may be more. */
  complete: z.boolean(),
})
export type CurrentInPlace = z.infer<typeof CurrentInPlace>
