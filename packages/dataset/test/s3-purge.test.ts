import { readFileSync, writeFileSync } from "node:fs"
import { LISTED, mixedDataset, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, membersOf, noSignal } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { exportDatacompLists } from "../src/datacomp/export-lists.ts"
import { runPurge } from "../src/purge/run-purge.ts"
import { LISTED_SEED, objectsBelow, putAll, storeTest, threeShards } from "./support/buckets.ts"
import { duckdb } from "./support/duckdb.ts"
import { nightlight } from "./support/in-process.ts"
import { uidsIn } from "./support/npy.ts"
import { BASIS, expectPurged } from "./support/purges.ts"

/** A scanned bucket of three shards whose objects have older versions. */
async function scannedBucket({ isVersioned }: { readonly isVersioned: boolean }) {
  const made = await storeTest()
  const bucket = made.store.addBucket("source", { isVersioned })
  const shards = await threeShards()
  putAll(bucket, "set/", { "000001.tar": "an older version" })
  putAll(bucket, "set/", shards)
  await scan(made.test.workspace, { inputs: ["s3://source/set"] })
  return { ...made, bucket, shards, [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() }
}

const purgeIn = ({ test }: Awaited<ReturnType<typeof storeTest>>, from?: string) =>
  runPurge(
    test.workspace,
    from === undefined ? { scan: "s-000001", basis: BASIS } : { scan: "s-000001", basis: BASIS, from },
    {},
    noSignal,
  )

describe("a purge in a bucket", () => {
  it.each([false, true])(
    "replaces the shard, and leaves no version of it with the known item (versions: %s)",
    async (isVersioned) => {
      await using made = await scannedBucket({ isVersioned })
      const { bucket, shards } = made
      const report = await purgeIn(made)
      expect(report).toMatchObject({ itemsKnown: 1, itemsRemoved: 1, samplesRemoved: 1, failed: [] })
      expect(bucket.objects.get("set/000001.tar")).toHaveLength(1)
      const now = objectsBelow(bucket, "set/")
      expect(await membersOf(now["000001.tar"]!)).toEqual((await membersOf(shards["000001.tar"]!)).slice(0, 3))
      expect(now["000000.tar"]).toEqual(shards["000000.tar"])
      expect(now["000002.tar"]).toEqual(shards["000002.tar"])
      const picture = Buffer.from(await jpeg(LISTED_SEED))
      for (const versions of bucket.objects.values()) {
        for (const { body } of versions) expect(body.includes(picture)).toBe(false)
      }
      expect(await purgeIn(made)).toMatchObject({ purge: "p-000002", itemsRemoved: 0, gone: 1, failed: [] })
    },
  )

  it("fails for the shard, and says so again, while a lock keeps an older version", async () => {
    await using made = await scannedBucket({ isVersioned: true })
    const { bucket, test } = made
    const [, newest] = bucket.objects.get("set/000001.tar") ?? []
    newest!.isLocked = true
    for (const purge of ["p-000001", "p-000002"]) {
      expect(await purgeIn(made)).toMatchObject({
        purge,
        itemsRemoved: 0,
        gone: 0,
        failed: [{ path: "000001.tar", code: "versions_left" }],
      })
    }
    newest!.isLocked = false
    const last = await nightlight(test.root, "purge", "s-000001", "--basis", BASIS)
    expect(last).toMatchObject({ exit: 0, err: "" })
    expect(bucket.objects.get("set/000001.tar")).toHaveLength(1)
  })

  it("removes nothing from a shard that was replaced since it was planned", async () => {
    await using made = await scannedBucket({ isVersioned: true })
    const { bucket, store, shards } = made
    store.faults.onCall = ({ method, key }) => {
      if (method === "PUT" && key === "set/000001.tar") bucket.put(key, shards["000002.tar"]!)
      return undefined
    }
    expect(await purgeIn(made)).toMatchObject({
      itemsRemoved: 0,
      failed: [{ path: "000001.tar", code: "source_changed" }],
    })
    expect(bucket.current("set/000001.tar")?.body).toEqual(shards["000002.tar"])
  })

  it("keeps an object's metadata", async () => {
    await using made = await storeTest()
    const bucket = made.store.addBucket("source")
    const shards = await threeShards()
    putAll(bucket, "", shards)
    bucket.put("000001.tar", shards["000001.tar"]!, { metadata: { origin: "a crawl" } })
    await scan(made.test.workspace, { inputs: ["s3://source"] })
    expect(await purgeIn(made)).toMatchObject({ itemsRemoved: 1 })
    expect(bucket.current("000001.tar")?.metadata).toEqual({ origin: "a crawl" })
  })

  it("removes known items from every kind of shard, plain files with all their versions", async () => {
    await using made = await storeTest()
    const { test, store } = made
    await importRecords(test.workspace, await listOf(...Object.values(LISTED)), { name: "more" })
    const parts = await mixedDataset(test.pathOf("data"))
    const bucket = store.addBucket("source", { isVersioned: true })
    for (const _ of [1, 2]) putAll(bucket, "", filesBelow(test.pathOf("data")))
    await scan(test.workspace, { inputs: ["s3://source"] })
    expect(await purgeIn(made)).toMatchObject({ itemsRemoved: 4, failed: [] })
    writeFiles(test.pathOf("purged"), objectsBelow(bucket, ""))
    await expectPurged(test.pathOf("purged"), parts)
    expect(bucket.objects.get("loose/folder-b.jpg")).toBeUndefined()
    expect(bucket.objects.get("loose/folder-a.jpg")).toHaveLength(2)
  })

  it("finds the items in a copy in another bucket", async () => {
    await using made = await scannedBucket({ isVersioned: false })
    const copy = made.store.addBucket("copy")
    putAll(copy, "elsewhere/", made.shards)
    expect(await purgeIn(made, "s3://copy/elsewhere")).toMatchObject({ itemsRemoved: 1, failed: [] })
    expect(made.bucket.contents()["set/000001.tar"]).toEqual(made.shards["000001.tar"])
    expect(copy.contents()["elsewhere/000001.tar"]).not.toEqual(made.shards["000001.tar"])
  })

  it("changes nothing when it is only tried", async () => {
    await using made = await scannedBucket({ isVersioned: true })
    const before = new Map(made.bucket.objects)
    const { exit, out } = await nightlight(made.test.root, "purge", "s-000001", "--dry-run")
    expect(exit).toBe(0)
    expect(out).toContain("Would remove 1 known item")
    expect(made.bucket.objects).toEqual(before)
  })
})

describe("an address list in a bucket", () => {
  it("loses its known rows, and has its lists for DataComp written to a disk", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const path = test.pathOf("pool.parquet")
    await duckdb(
      `COPY (SELECT md5(i::VARCHAR) AS uid, 'https://h.example/' || i AS url, sha256(i::VARCHAR) AS sha256
        FROM range(600) t(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 100)`,
    )
    await importRecords(test.workspace, [digestRecord(Buffer.from("7"), "sha256")], { name: "rows" })
    const bucket = store.addBucket("pools")
    putAll(bucket, "small/", { "pool.parquet": readFileSync(path) })
    await scan(test.workspace, { inputs: ["s3://pools/small"], columnRows: 1 })
    const keep = test.pathOf("keep.npy")
    const lists = await exportDatacompLists(test.workspace, { keep }, {}, noSignal)
    expect(lists).toMatchObject({ kept: 599, removed: 1 })
    expect(uidsIn(keep)).toHaveLength(599)
    const request = { scan: "s-000001", basis: BASIS, includeReview: true, columnRows: 1 }
    expect(await runPurge(test.workspace, request, {}, noSignal)).toMatchObject({ samplesRemoved: 1, failed: [] })
    writeFileSync(path, objectsBelow(bucket, "small/")["pool.parquet"]!)
    const [left] = await duckdb(
      `SELECT count(*)::INTEGER AS rows, count(*) FILTER (uid = md5('7'))::INTEGER AS known FROM '${path}'`,
    )
    expect(left).toEqual({ rows: 599, known: 0 })
    expect(await runPurge(test.workspace, request, {}, noSignal)).toMatchObject({
      samplesRemoved: 0,
      gone: 1,
      failed: [],
    })
    await expect(exportDatacompLists(test.workspace, { keep }, {}, noSignal)).rejects.toMatchObject({
      code: "source_changed",
    })
  })
})
