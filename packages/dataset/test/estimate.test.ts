import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { mixedDataset } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow } from "@nightlight/dev-env/dataset/shards"
import { testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { nightlight } from "./support/in-process.ts"

describe("the estimate of a scan", () => {
  it("counts the items of a dataset that fits into the sample, and writes nothing", async () => {
    using test = await testWorkspace()
    await mixedDataset(test.pathOf("data"))
    const screened = await nightlight(test.root, "scan", test.pathOf("data"), "--json")
    const { totals } = JSON.parse(screened.out)
    const before = filesBelow(test.root)
    const { exit, out } = await nightlight(
      test.root,
      "scan",
      test.pathOf("data"),
      "--estimate",
      "--price",
      "0.5",
      "--json",
    )
    const estimate = JSON.parse(out)
    expect(exit).toBe(0)
    expect(estimate).toMatchObject({ shards: totals.shards, sample: { cores: 1 } })
    // The table about other shards is not in the sample.
    expect(Math.abs(estimate.items - totals.items)).toBeLessThanOrEqual(1)
    expect(estimate.coreHours).toBeCloseTo(estimate.items / estimate.itemsPerSecondAndCore / 3_600)
    expect(estimate.cost).toBeCloseTo(estimate.coreHours * 0.5)
    expect(filesBelow(test.root)).toEqual(before)
  })

  it("shows the arithmetic on a terminal", async () => {
    using test = await testWorkspace()
    await mixedDataset(test.pathOf("data"))
    const { exit, out, err } = await nightlight(test.root, "scan", test.pathOf("data"), "--estimate", "--seconds", "1")
    expect(exit).toBe(0)
    expect(err).toContain("Screening a sample for about 1 s")
    expect(out).toMatch(/Work {6}\d+ \/ [\d,]+ \/ 3600 = [\d.]+ core-hours/)
    expect(out).toMatch(/^ *1,024 {2}/m)
    expect(out).toMatch(/without starts\. A shard is one task's: at most \d+ tasks can share it\.\n$/)
  })

  it("is refused where nothing of the input can be read", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    writeFileSync(test.pathOf("data", "broken.tar"), "no tar".repeat(1_000))
    const { exit, err } = await nightlight(test.root, "scan", test.pathOf("data"), "--estimate")
    expect(exit).toBe(2)
    expect(err).toContain("nothing of the input could be read")
    expect(existsSync(test.pathOf("workspace", "scans", "s-000001"))).toBe(false)
  })
})
