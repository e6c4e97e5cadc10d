import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { assignRanks } from "../src/tasks/assign-ranks.ts"
import { rankFromEnvironment } from "../src/tasks/scheduler-index.ts"

const anyShards = fc.uniqueArray(fc.record({ path: fc.string(), sizeBytes: fc.nat(1_000) }), {
  selector: ({ path }) => path,
})

describe("the ranks of a plan", () => {
  it("never differ by more than the largest shard", () => {
    fc.assert(
      fc.property(anyShards, fc.integer({ min: 1, max: 20 }), (shards, world) => {
        const ranks = assignRanks(shards, world)
        expect(ranks).toHaveLength(shards.length)
        const loads = Array.from({ length: world }, () => 0)
        for (const [index, rank] of ranks.entries())
          loads[rank] = (loads[rank] ?? Number.NaN) + (shards[index]?.sizeBytes ?? 0)
        const largest = Math.max(0, ...shards.map(({ sizeBytes }) => sizeBytes))
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(largest)
      }),
    )
  })

  it("do not depend on the order in which shards are listed", () => {
    fc.assert(
      fc.property(anyShards, fc.integer({ min: 1, max: 5 }), (shards, world) => {
        const byPath = (listed: typeof shards) => {
          const ranks = assignRanks(listed, world)
          return new Map(listed.map(({ path }, index) => [path, ranks[index]]))
        }
        expect(byPath(shards.toReversed())).toEqual(byPath(shards))
      }),
    )
  })
})

describe("the rank of a task", () => {
  it("is the index that Slurm, Kubernetes or AWS Batch gave it", () => {
    expect(rankFromEnvironment({ SLURM_ARRAY_TASK_ID: "7" })).toBe(7)
    expect(rankFromEnvironment({ JOB_COMPLETION_INDEX: "0" })).toBe(0)
    expect(rankFromEnvironment({ AWS_BATCH_JOB_ARRAY_INDEX: "12" })).toBe(12)
  })

  it("is refused where none was given", () => {
    expect(() => rankFromEnvironment({ SLURM_ARRAY_TASK_ID: "" })).toThrow("no scheduler gave this task an index")
  })
})
