/**
 * Members that a tar loses beside the withheld samples.
 * @module
 */
import type { AlsoDropped, CopyMode, SampleDecision } from "../decision.ts"

/**
 * Drops a clear sample if it has the key of a withheld one (the caption of a picture elsewhere in the tar), or if
 * loaders would join it to the sample before once the members between are gone. Tables over the tar's members go too: a
 * tar's rows are not filtered.
 */
export function dropAffected(samples: readonly SampleDecision[], mode: CopyMode): AlsoDropped {
  return { keyCollisions: dropCollisions(samples), staleTables: dropTables(samples, mode) }
}

function dropCollisions(samples: readonly SampleDecision[]): number {
  const keyed = samples.filter(({ isKeyed }) => isKeyed)
  const withheld = new Set(keyed.filter(({ clear }) => !clear).map(({ key }) => key))
  let before: string | undefined
  let dropped = 0
  for (const sample of keyed) {
    if (!sample.clear) continue
    if (withheld.has(sample.key) || sample.key === before) {
      sample.clear = false
      dropped++
    } else {
      before = sample.key
    }
  }
  return dropped
}

function dropTables(samples: readonly SampleDecision[], mode: CopyMode): readonly string[] {
  return samples.flatMap((sample) => {
    if (sample.table === undefined || !sample.clear) return []
    if (mode === "clean") sample.clear = false
    return [sample.table]
  })
}
