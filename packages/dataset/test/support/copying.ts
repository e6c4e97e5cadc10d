import { createHash } from "node:crypto"
import { join } from "node:path"
import { bytesOf, noSignal, plan, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import type { CopyMode } from "../../src/containers/decision.ts"
import { containerOf } from "../../src/containers/index.ts"
import type { CopyShardJob, CopyShardResult, Keep } from "../../src/copy/types.ts"
import { writeCleanShard, writePurgedShard } from "../../src/copy/write-shard.ts"
import { localOutput } from "../../src/output/local.ts"
import type { DatasetPlan, ShardPlan } from "../../src/plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import type { Item, ReaderLimits, Sample } from "../../src/readers/types.ts"

/** Says which items are clear, as screening would. */
export type IsClear = (item: Item, sample: Sample) => boolean

export const everything: IsClear = () => true

/** Withholds items by the end of their place. */
export function allBut(...places: readonly string[]): IsClear {
  return (item) => !places.some((place) => item.place.endsWith(place))
}

interface CopyChoices extends Pick<CopyShardJob, "incomplete"> {
  readonly mode?: CopyMode
  readonly isClear?: IsClear
  readonly limits?: Partial<ReaderLimits>
}

/** Copies one shard, its items clear or not, digests as fingerprinting would give them. */
export async function copyShard(
  _root: string,
  shard: ShardPlan,
  outDir: string,
  { isClear = everything, limits = {}, mode = "clean", ...choices }: CopyChoices = {},
): Promise<CopyShardResult> {
  const job = { shard, output: localOutput(outDir), limits: { ...DEFAULT_READER_LIMITS, ...limits }, ...choices }
  const keep: Keep = (sample, item) => {
    if (!isClear(item, sample)) return { keep: false }
    if (item.unread === true) return { keep: true }
    return { keep: true, sha256: createHash("sha256").update(bytesOf(item)).digest("hex") }
  }
  const container = containerOf(shard.kind)
  if (mode === "clean") return writeCleanShard(job, keep, noSignal)
  if (container.layout === "loose") throw new TypeError("a purge writes no plain files")
  return writePurgedShard({ ...job, container }, keep, noSignal)
}

/** Copies a whole dataset as a scan would, tables last. */
export async function copyDataset(
  dataset: DatasetPlan,
  outDir: string,
  isClear: IsClear = everything,
): Promise<readonly CopyShardResult[]> {
  const results: CopyShardResult[] = []
  const incomplete = new Map<string, string>()
  for (const shard of dataset.shards) {
    const result = await copyShard(dataset.root, shard, outDir, { isClear, incomplete })
    if (result.itemsDropped > 0) incomplete.set(shard.id, shard.path)
    results.push(result)
  }
  return results
}

/** A dataset of the files given, beside a place for its copy. */
export async function datasetOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) folder.write(join("in", name), content)
  return {
    folder,
    out: join(folder.path, "out"),
    plan: await plan(join(folder.path, "in")),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}
