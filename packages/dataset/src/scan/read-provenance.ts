import { MAX_STATED } from "../readers/stated-origin.ts"
import type { Sample, ShardReader } from "../readers/types.ts"
import {
  isMetadata,
  joinProvenance,
  parseProvenance,
  type SampleProvenance,
  sizeOf,
  toProvenance,
} from "./provenance.ts"

/** Reads the origins that a sample, its JSON or a table beside its shard states. */
export async function readProvenance(reader: ShardReader, sample: Sample): Promise<readonly SampleProvenance[]> {
  const own = await readOwnProvenance(reader, sample)
  if (sample.rowOrigin === undefined) return own
  const row = toProvenance(sample.rowOrigin)
  const [only] = own
  return own.length === 1 && only !== undefined ? joinProvenance(only, row) : [...own, row]
}

/** Reads the origins that a sample states, or those that its JSON does. */
async function readOwnProvenance(reader: ShardReader, sample: Sample): Promise<readonly SampleProvenance[]> {
  if (sample.origins !== undefined) return sample.origins.map(toProvenance)
  let stated: readonly SampleProvenance[] = []
  let values = 0
  for (const item of sample.items) {
    if (!isMetadata(item, sample)) continue
    const provenance = parseProvenance(await reader.readItem(item))
    if (Object.keys(provenance).length === 0) continue
    values += sizeOf(provenance)
    if (values > MAX_STATED) return [...stated, { isCut: true }]
    const [only] = stated
    stated = stated.length === 1 && only !== undefined ? joinProvenance(only, provenance) : [...stated, provenance]
  }
  return stated
}
