/**
 * Finds the ids of withheld samples outside of tables: in the JSON beside each picture of a downloaded pool.
 *
 * Source: DataComp, `resharder.py`, which reads `uid` from it.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { openShard } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import type { ReaderLimits, Sample, ShardReader } from "../readers/types.ts"
import { MAX_METADATA_BYTES } from "../scan/provenance.ts"
import { readUid } from "./uid.ts"
import type { UidSorter } from "./uid-sorter.ts"

/** A shard with withheld samples. */
export interface ShardWithheld {
  readonly shard: ShardPlan
  /** Their ordinals. */
  readonly withheld: ReadonlySet<number>
  readonly limits: ReaderLimits
}

/**
 * Adds the ids of withheld samples to those that are removed.
 *
 * @throws {RequestError} `state_conflict` where one of a packed shard states none: it could not be
 * left out of the list.
 * @throws {ShardError}, {DependencyError} as `openShard`.
 */
export async function readSampleUids({ shard, withheld, limits }: ShardWithheld, to: UidSorter, signal: AbortSignal) {
  await using reader = await openShard(shard, limits, signal)
  for await (const sample of reader.samples()) {
    if (!withheld.has(sample.ordinal)) continue
    // Files of their own are in no download: nothing takes them by this list.
    if ((await addUids(reader, sample, to)) || shard.layout === "loose") continue
    const problem = `sample ${sample.ordinal} of ${shard.path} was withheld, and states no uid`
    throw new RequestError("state_conflict", problem, {
      hint: "The list could not leave it out. Scan a pool by itself: its tables, and what was downloaded from it.",
    })
  }
}

async function addUids(reader: ShardReader, { items }: Sample, to: UidSorter): Promise<boolean> {
  let isStated = false
  for (const item of items) {
    const isJson = item.depth === 0 && item.unread !== true && item.place.endsWith(".json")
    if (!isJson || item.sizeBytes > MAX_METADATA_BYTES) continue
    const bytes = Buffer.from(uidIn(await reader.readItem(item)) ?? "")
    if (to.isFull) await to.flush()
    if (!readUid({ bytes, start: 0, length: bytes.length }, to.words, to.at)) continue
    to.added()
    isStated = true
  }
  return isStated
}

function uidIn(bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"))
    const uid = typeof value === "object" && value !== null ? (value as { readonly uid?: unknown }).uid : undefined
    return typeof uid === "string" ? uid : undefined
  } catch {
    return undefined
  }
}
