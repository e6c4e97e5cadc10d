/**
 * The request of a scan: a run that continues it uses the same lists and policy, and brings the plan up to date.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import { z } from "zod"

/** `scan.json` in a scan's folder. */
export const ScanRecord = z.strictObject({
  version: z.literal(1),
  scan: z.string(),
  /** As the operator typed them. */
  inputs: z.array(z.string()),
  /** Absolute paths of the resolved folders and files. */
  sources: z.array(z.string()),
  root: z.string(),
  /** Full hash of the commit that is read, where the source is a repository. */
  commit: z.string().optional(),
  out: z.string().optional(),
  indexVersion: z.int().nonnegative(),
  policyName: z.string(),
  policyDigest: z.string(),
  /**
   * SHA-256 over the other settings that a result depends on: custody, limits and false positives; `several` where it
   * continued under others than it began with.
   */
  settingsDigest: z.string(),
  /** SHA-256 over the plan: shards, sizes and listings. */
  planDigest: z.string(),
  profile: z.enum(["fullres", "ref512nn"]),
  kernel: z.enum(["exact", "fast"]),
  keepOrientations: z.boolean(),
  /** Whether test lists count as real; only for the demonstration. */
  demo: z.boolean(),
  /** Globs of paths that are not read, sorted. */
  exclude: z.array(z.string()),
  startedAt: z.iso.datetime(),
  /** When the present plan was made: at the start, or when a run found that the source had changed. */
  plannedAt: z.iso.datetime(),
  skipped: z.record(z.string(), z.int().nonnegative()),
})

export type ScanRecord = z.infer<typeof ScanRecord>

/**
 * Reads a `scan.json`.
 *
 * @throws {IntegrityError} `receipt_untrusted` if it is not what this version writes.
 */
export function parseScanRecord(text: string): ScanRecord {
  try {
    return ScanRecord.parse(JSON.parse(text))
  } catch {
    throw new IntegrityError("receipt_untrusted", "a scan's record in the workspace cannot be read")
  }
}
