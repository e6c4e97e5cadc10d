import { cpSync, renameSync, writeFileSync } from "node:fs"
import { MINUTE_MS } from "@nightlight/core"
import { LISTED } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { noSignal } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, describe, expect, it } from "vitest"
import { runHunt } from "../src/hunt/run-hunt.ts"
import { readHistory } from "../src/in-place/history.ts"
import { knownInPlace } from "../src/in-place/known-in-place.ts"
import { toSharedHunt, toSharedPurge } from "../src/push/shared-follow-ups.ts"
import { BASIS, purge, removeScanned, scanned } from "./support/purges.ts"

afterAll(removeScanned)

const NOW = "9999-01-01T00:00:00.000Z"

/** Known items in place, of each dataset in the order in which they were scanned. */
function inPlace({ workspace }: TestWorkspace): readonly number[] {
  const history = readHistory(workspace)
  const datasets = new Set(history.scans.map(({ dataset }) => dataset))
  return [...datasets].map((dataset) => knownInPlace(history, dataset, { at: NOW })?.inPlace.items ?? -1)
}

describe("known items in place", () => {
  it("are those of the newest scan, and none once a purge removed them all, however often it is repeated", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const { test } = await scanned()
    using _ = test
    expect(inPlace(test)).toEqual([4])
    await purge(test, { basis: BASIS })
    expect(inPlace(test)).toEqual([0])
    await purge(test, { basis: BASIS })
    expect(inPlace(test)).toEqual([0])
    const history = readHistory(test.workspace)
    const [first] = history.purges
    expect(toSharedPurge(history, first!)).toMatchObject({
      purge: "p-000001",
      scanOrHunt: "s-000001",
      copy: false,
      basis: "named",
      itemsRemoved: 4,
      failed: {},
      datasets: [{ scan: "s-000001", fullyScreened: true, inPlace: { items: 0, shards: 0 } }],
    })
    expect(JSON.stringify(toSharedPurge(history, first!))).not.toMatch(/counsel|report 1|\.tar|\.jpg|\/data/)
  })

  it("stay the same when only a copy was purged", async () => {
    const { test } = await scanned()
    using _ = test
    cpSync(test.pathOf("data"), test.pathOf("copy"), { recursive: true })
    await purge(test, { basis: BASIS, from: test.pathOf("copy") })
    expect(inPlace(test)).toEqual([4])
    const history = readHistory(test.workspace)
    expect(toSharedPurge(history, history.purges[0]!)).toMatchObject({ copy: true, itemsRemoved: 4, datasets: [] })
  })

  it("decrease only by what was removed when a shard could not be purged", async () => {
    const { test } = await scanned()
    using _ = test
    const tar = test.pathOf("data/000000.tar")
    renameSync(tar, test.pathOf("away.tar"))
    writeFileSync(tar, Buffer.alloc(2048, 7))
    await purge(test, { basis: BASIS })
    expect(inPlace(test)).toEqual([1])
    renameSync(test.pathOf("away.tar"), tar)
    await purge(test, { basis: BASIS })
    expect(inPlace(test)).toEqual([0])
  })

  it("still include an archive that the purge did not find in its place", async () => {
    const { test } = await scanned()
    using _ = test
    renameSync(test.pathOf("data/000000.tar"), test.pathOf("data/renamed.tar"))
    await purge(test, { basis: BASIS })
    expect(inPlace(test)).toEqual([1])
  })

  it("decrease for every dataset that contains the purged files", async () => {
    const { test } = await scanned()
    using _ = test
    await scan(test.workspace, { inputs: [test.pathOf("data/000000.tar")] })
    expect(inPlace(test)).toEqual([4, 1])
    await purge(test, { basis: BASIS, scan: "s-000002" })
    expect(inPlace(test)).toEqual([3, 0])
    const history = readHistory(test.workspace)
    expect(toSharedPurge(history, history.purges[0]!).datasets).toMatchObject([
      { scan: "s-000001", inPlace: { items: 3 } },
      { scan: "s-000002", inPlace: { items: 0 } },
    ])
  })

  it("increase once by what a hunt finds, until that is purged too", async () => {
    const { test } = await scanned()
    using _ = test
    const known = await listOf(...Object.values(LISTED))
    await importRecords(test.workspace, [...known, digestRecord(await jpeg(1), "sha256")])
    for (const again of [false, true]) await runHunt(test.workspace, { again }, {}, noSignal)
    const found = readHistory(test.workspace).hunts[0]!.items.length
    expect(found).toBeGreaterThan(0)
    expect(inPlace(test)).toEqual([4 + found])
    const history = readHistory(test.workspace)
    expect(toSharedHunt(history, history.hunts[0]!)).toMatchObject({
      hunt: "h-000001",
      screened: true,
      datasets: [
        { scan: "s-000001", allShardsHunted: true, items: { quarantine: found }, inPlace: { items: 4 + found } },
      ],
    })
    await purge(test, { basis: BASIS, scan: "h-000001" })
    expect(inPlace(test)).toEqual([4])
    await purge(test, { basis: BASIS })
    expect(inPlace(test)).toEqual([0])
    expect(JSON.stringify(readHistory(test.workspace).hunts.map((hunt) => toSharedHunt(history, hunt)))).not.toMatch(
      /\.tar|\.jpg|\/data/,
    )
  })
})
