/**
 * What a tar loses beside the samples that are withheld.
 * @module
 */
import type { AlsoDropped, CopyMode, SampleDecision } from "../decision.ts"

/**
 * Drops a clear sample if it has the key of one that was withheld (the caption of a picture that stands elsewhere), or
 * if, with what lay between gone, loaders would join it to the sample before. Tables over the tar's members go too: a
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
