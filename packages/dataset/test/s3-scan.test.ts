import { mixedDataset, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, noSignal } from "@nightlight/dev-env/dataset/shards"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { runScan } from "../src/scan/run-scan.ts"
import { objectsBelow, putAll, storeTest, threeShards } from "./support/buckets.ts"
import { nightlight } from "./support/in-process.ts"
import { receiptsOf } from "./support/scans.ts"

describe("a scan from a bucket to a bucket", () => {
  it("finds what a scan of the same files on disk finds, and writes the same clean copy", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const shards = await threeShards()
    writeFiles(test.pathOf("data"), shards)
    const [source, out] = [store.addBucket("source"), store.addBucket("out")]
    putAll(source, "sets/one/", shards)
    const local = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const { exit, out: printed } = await nightlight(
      test.root,
      "scan",
      "s3://source/sets/one",
      "--out",
      "s3://out/clean",
    )
    expect(exit).toBe(0)
    expect(printed).toContain("Clean     s3://out/clean: 12 items")
    expect(printed).not.toContain("conditional writes")
    expect(local.report.decisions).toMatchObject({ quarantine: 1 })
    const copy = filesBelow(test.pathOf("clean"))
    expect(Object.keys(copy)).toHaveLength(3)
    expect(objectsBelow(out, "clean/")).toEqual(copy)
    expect(Object.keys(out.contents())).toHaveLength(3)
    expect(out.uploads.size).toBe(0)
  })

  it("does no work when it is run again", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", await threeShards())
    const out = store.addBucket("out", { isVersioned: true })
    const args = ["scan", "s3://source/{000000..000002}.tar", "--out", "s3://out/clean/", "--json"]
    const first = await nightlight(test.root, ...args)
    expect(first.exit).toBe(0)
    const before = new Map(out.objects)
    expect(await nightlight(test.root, ...args)).toEqual({ ...first, err: "" })
    expect(out.objects).toEqual(before)
    expect([...out.objects.values()].map((versions) => versions.length)).toEqual([1, 1, 1])
  })

  it("continues where it was stopped", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", await threeShards())
    const out = store.addBucket("out")
    const request = { inputs: ["s3://source"], out: "s3://out/clean" }
    const stop = new AbortController()
    const stopped = runScan(test.workspace, request, { onProgress: () => stop.abort() }, stop.signal)
    await expect(stopped).rejects.toThrow(expect.objectContaining({ name: "AbortError" }))
    const done = receiptsOf(test.workspace).size
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(3)
    const { report } = await runScan(test.workspace, request, {}, noSignal)
    expect(report).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 3 } })
    expect(Object.keys(objectsBelow(out, "clean/"))).toEqual(["000000.tar", "000001.tar", "000002.tar"])
  })

  it("screens plain files, archives and tables as on disk", async () => {
    await using made = await storeTest()
    const { test, store } = made
    await mixedDataset(test.pathOf("data"))
    const [source, out] = [store.addBucket("source"), store.addBucket("out")]
    store.faults.pageSize = 3
    putAll(source, "set/", filesBelow(test.pathOf("data")))
    source.put("set/", "")
    source.put("set/loose/", "")
    const local = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const remote = await scan(test.workspace, { inputs: ["s3://source/set"], out: "s3://out" })
    const { decisions, totals, clean, inPlace, skipped } = local.report
    expect(remote.report).toMatchObject({ decisions, totals, clean, inPlace, skipped })
    expect(out.contents()).toEqual(filesBelow(test.pathOf("clean")))
  })
})
