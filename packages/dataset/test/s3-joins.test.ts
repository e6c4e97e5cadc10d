import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { locateFinding } from "../src/findings/locate-finding.ts"
import { LISTED_SEED, objectsBelow, putAll, storeTest, threeShards } from "./support/buckets.ts"
import { nightlight } from "./support/in-process.ts"
import { findingsOf } from "./support/scans.ts"

const NEW_SHARD = async () => ({ "000003.tar": plainTar(sample("f", await jpeg(5))) })

/** A scan from a bucket to another, which keeps versions. */
async function scannedToBucket() {
  const made = await storeTest()
  const source = made.store.addBucket("source", { isVersioned: true })
  const out = made.store.addBucket("out", { isVersioned: true })
  const shards = await threeShards()
  putAll(source, "", shards)
  const request = { inputs: ["s3://source"], out: "s3://out/clean" }
  await scan(made.test.workspace, request)
  return { ...made, source, out, shards, request, [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() }
}

const versionsOf = ({ out }: Awaited<ReturnType<typeof scannedToBucket>>) =>
  Object.fromEntries([...out.objects].map(([key, versions]) => [key, versions.map(({ id }) => id)]))

describe("a finished scan from a bucket to a bucket", () => {
  it("takes in new and replaced shards, and leaves the others' objects alone", async () => {
    await using made = await scannedToBucket()
    const { test, source, out, request, shards } = made
    const before = versionsOf(made)
    putAll(source, "", { ...(await NEW_SHARD()), "000002.tar": shards["000000.tar"]! })
    const { report } = await scan(test.workspace, request)
    expect(report).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 4 } })
    const after = versionsOf(made)
    for (const key of ["clean/000000.tar", "clean/000001.tar"]) expect(after[key]).toEqual(before[key])
    expect(objectsBelow(out, "clean/")).toMatchObject({ "000002.tar": shards["000000.tar"], ...(await NEW_SHARD()) })
  })

  it("loses the objects of shards that are gone, and writes again what somebody removed", async () => {
    await using made = await scannedToBucket()
    const { test, source, out, request, shards } = made
    source.remove("000002.tar")
    out.remove("clean/000000.tar")
    await scan(test.workspace, request)
    expect(objectsBelow(out, "clean/")).toEqual({
      "000000.tar": shards["000000.tar"],
      "000001.tar": out.current("clean/000001.tar")?.body,
    })
  })

  it("is known again where ETags say nothing about the bytes", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", await threeShards())
    const out = store.addBucket("out", { isVersioned: true })
    out.hasOpaqueEtags = true
    const args = ["scan", "s3://source", "--out", "s3://out/clean", "--json"]
    const first = await nightlight(test.root, ...args)
    expect(first.exit).toBe(0)
    const before = new Map(out.objects)
    expect(await nightlight(test.root, ...args)).toEqual({ ...first, err: "" })
    expect(out.objects).toEqual(before)
  })

  it("is what several tasks of one plan make of it", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const shards = await threeShards()
    putAll(store.addBucket("source"), "set/", shards)
    const out = store.addBucket("out")
    writeFiles(test.pathOf("data"), shards)
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const plan = test.pathOf("plan.json")
    const run = (...args: readonly string[]) => nightlight(test.root, ...args)
    const planned = await run("plan", "s3://source/set", "--out", "s3://out/clean", "--world", "2", "--file", plan)
    expect(planned).toMatchObject({ exit: 0, err: "" })
    for (const rank of ["1", "0"]) expect((await run("scan", "--plan", plan, "--rank", rank)).exit).toBe(0)
    expect((await run("scan", "--merge", "--plan", plan)).exit).toBe(0)
    expect(objectsBelow(out, "clean/")).toEqual(filesBelow(test.pathOf("clean")))
  })

  it("has an item's place named, in a shard and among plain files", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const known = await jpeg(LISTED_SEED)
    putAll(store.addBucket("source"), "set/", { ...(await threeShards()), "loose/known.jpg": known })
    const { report } = await scan(test.workspace, { inputs: ["s3://source/set"] })
    expect(report.decisions.quarantine).toBe(2)
    const places = await Promise.all(
      findingsOf(test.workspace).map(({ id }) => locateFinding(test.workspace, id, noSignal)),
    )
    expect(places.map(({ file, member, content }) => ({ file, member, content }))).toEqual(
      expect.arrayContaining([
        { file: "s3://source/set/000001.tar", member: "d.jpg", content: "same" },
        { file: "s3://source/set/loose/known.jpg", member: undefined, content: "same" },
      ]),
    )
  })

  it("is previewed and estimated without writing anything", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const source = store.addBucket("source")
    putAll(source, "set/", { ...(await threeShards()), ...sample("loose/g", await jpeg(6)), "secret/x.jpg": "x" })
    const preview = await nightlight(test.root, "scan", "s3://source/set", "--exclude", "secret", "--dry-run", "--json")
    expect(preview.exit).toBe(0)
    expect(JSON.parse(preview.out)).toMatchObject({
      root: "s3://source/set",
      kinds: { tar: 3, files: 1 },
      skipped: { excluded: 1 },
    })
    expect((await nightlight(test.root, "scan", "s3://source/set", "--estimate")).exit).toBe(0)
    expect(store.calls.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([])
  })
})
