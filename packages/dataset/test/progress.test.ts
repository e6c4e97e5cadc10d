import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createProgress, followShard } from "../src/progress.ts"

describe("followShard", () => {
  it("advances with each item and ends at the shard's size, whatever the items' sizes", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.array(fc.nat(500)), (sizeBytes, items) => {
        const progress = createProgress(1, sizeBytes)
        const shard = followShard(progress, sizeBytes)
        let before = 0
        for (const bytes of items) {
          shard.advance(bytes)
          expect(progress.bytesDone).toBeGreaterThanOrEqual(before)
          expect(progress.bytesDone).toBeLessThanOrEqual(sizeBytes)
          before = progress.bytesDone
        }
        shard.finish()
        expect(progress).toMatchObject({ bytesDone: sizeBytes, shardsDone: 1 })
      }),
    )
  })
})
