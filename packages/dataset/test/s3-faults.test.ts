import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { sample } from "@nightlight/dev-env/dataset/datasets"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it, vi } from "vitest"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { LISTED_SEED, objectsBelow, putAll, storeTest, threeShards } from "./support/buckets.ts"
import { nightlight } from "./support/in-process.ts"
import { failure } from "./support/object-store/answers.ts"
import { command } from "./support/run-command.ts"

const coded = (code: string) => expect.objectContaining({ code })

describe("a store that fails", () => {
  it("is asked again while it throttles, and within limits", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", await threeShards())
    store.faults.throttled = 2
    const args = ["scan", "s3://source", "--out", test.pathOf("clean"), "--json"]
    store.faults.onCall = ({ method, key }) => {
      if (method !== "GET" || key !== "000001.tar" || store.calls.filter((call) => call.key === key).length < 2) return
      return failure(503, "SlowDown")
    }
    const first = await nightlight(test.root, ...args)
    expect(first.exit).toBe(10)
    expect(JSON.parse(first.out)).toMatchObject({
      state: "partial",
      totals: { shards: 2 },
      failed: [{ path: "000001.tar", code: "unavailable" }],
    })
    store.faults.onCall = () => undefined
    const second = await nightlight(test.root, ...args)
    expect(second.exit).toBe(0)
    expect(JSON.parse(second.out)).toMatchObject({ scan: "s-000001", totals: { shards: 3 } })
  })

  it("is read again where a body ends too early", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const shards = await threeShards()
    putAll(store.addBucket("source"), "", shards)
    store.faults.cutBodies = 3
    const { report } = await scan(test.workspace, { inputs: ["s3://source"], out: test.pathOf("clean") })
    expect(report).toMatchObject({ state: "complete", decisions: { quarantine: 1, inconclusive: 0 } })
    expect(filesBelow(test.pathOf("clean"))["000000.tar"]).toEqual(shards["000000.tar"])
  })

  it("has a shard that changes while it is read screened again as it is then", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const bucket = store.addBucket("source")
    const shards = await threeShards()
    putAll(bucket, "", shards)
    store.faults.onCall = ({ method, key }) => {
      const isRead = method === "GET" && key === "000001.tar"
      if (isRead && store.calls.filter((call) => call.key === key).length === 2) bucket.put(key, shards["000000.tar"]!)
      return undefined
    }
    const { report } = await scan(test.workspace, { inputs: ["s3://source"], out: test.pathOf("clean") })
    expect(report).toMatchObject({ state: "complete", decisions: { quarantine: 0 } })
    expect(filesBelow(test.pathOf("clean"))["000001.tar"]).toEqual(shards["000000.tar"])
  })

  it("has an object that may not be read withheld", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", sample("a", await jpeg(1)))
    store.faults.onCall = ({ method, key }) =>
      method === "GET" && key.endsWith(".jpg") ? failure(403, "AccessDenied", key) : undefined
    const { report } = await scan(test.workspace, { inputs: ["s3://source"], out: test.pathOf("clean") })
    expect(report).toMatchObject({ causes: { source_unreadable: 1 }, withheldSamples: 1 })
    expect(existsSync(test.pathOf("clean"))).toBe(false)
  })

  it.each(["refused", "ignored"] as const)("by its conditional writes (%s) is named once", async (conditions) => {
    await using made = await storeTest()
    const { test, store } = made
    const shards = await threeShards()
    putAll(store.addBucket("source"), "", shards)
    const out = store.addBucket("out")
    store.faults.conditions = conditions
    const printed = await nightlight(test.root, "scan", "s3://source", "--out", "s3://out/clean")
    expect(printed.exit).toBe(0)
    expect(printed.out.match(/never run two scans with one --out at once/g)).toHaveLength(1)
    expect(objectsBelow(out, "clean/")["000002.tar"]).toEqual(shards["000002.tar"])
    expect(Object.keys(out.contents())).toHaveLength(3)
  })

  it("by wrong keys or a wrong name is named, without a secret", async () => {
    await using made = await storeTest()
    const { test, store } = made
    store.addBucket("source")
    const wrongName = await nightlight(test.root, "scan", "s3://sourse", "--out", test.pathOf("clean"))
    expect(wrongName).toMatchObject({ exit: 2, out: "" })
    expect(wrongName.err).toContain("there is no bucket sourse (not_found)")
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    const wrongKey = await nightlight(test.root, "scan", "s3://source", "--out", test.pathOf("clean"))
    expect(wrongKey).toMatchObject({ exit: 2, out: "" })
    expect(wrongKey.err).toContain("does not accept the credentials (unauthenticated)")
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined)
    const noKey = await nightlight(test.root, "scan", "s3://source", "--out", test.pathOf("clean"))
    expect(noKey.err).toContain("does not accept the credentials (unauthenticated)")
    for (const { err } of [wrongKey, noKey]) expect(err).not.toMatch(/not-the-secret|AKIDEXAMPLE/)
  })

  it("by a key that may list and not read is unreadable, not empty", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", await threeShards())
    store.faults.onCall = ({ method, key }) =>
      method === "GET" && key.endsWith(".tar") ? failure(403, "AccessDenied", key) : undefined
    const refused = await nightlight(test.root, "scan", "s3://source", "--out", test.pathOf("clean"))
    expect(refused).toMatchObject({ exit: 10, out: "" })
    expect(refused.err).toContain("nothing in the input may be read (source_unreadable)")
  })

  it.each(["localhost:9000", "objects.example", "ftp://objects.example"])(
    "by an endpoint that is no web address (%s) is a fault of the settings",
    async (endpoint) => {
      await using made = await storeTest()
      vi.stubEnv("AWS_ENDPOINT_URL_S3", endpoint)
      await expect(scan(made.test.workspace, { inputs: ["s3://source"] })).rejects.toThrow(coded("input_invalid"))
      vi.stubEnv("HF_ENDPOINT", endpoint)
      const inputs = ["hf://datasets/owner/name"]
      await expect(scan(made.test.workspace, { inputs })).rejects.toThrow(coded("input_invalid"))
    },
  )

  it("is unavailable where nothing answers", async () => {
    await using made = await storeTest()
    vi.stubEnv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1")
    await expect(scan(made.test.workspace, { inputs: ["s3://source"] })).rejects.toThrow(coded("unavailable"))
  })
})

describe("inputs and outputs that do not fit", () => {
  it.each([
    [["s3://one/a", "s3://two/a"], "input_invalid"],
    [["s3://one/a", "/tmp"], "input_invalid"],
    [["s3://one/a", "hf://datasets/o/n"], "input_invalid"],
    [["s3://"], "input_invalid"],
    [["s3://one/a//b"], "input_invalid"],
    [["s3://one/../b"], "input_invalid"],
    [["s3://one/{0..3"], "input_invalid"],
  ])("are refused: %j", async (inputs, code) => {
    await expect(planDataset(inputs, {}, noSignal)).rejects.toThrow(coded(code))
  })

  it("are a copy inside the source, and a source inside the copy", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "set/", await threeShards())
    for (const out of ["s3://source/set/clean", "s3://source/set", "s3://source"]) {
      await expect(scan(test.workspace, { inputs: ["s3://source/set"], out })).rejects.toThrow(coded("output_conflict"))
    }
    const { report } = await scan(test.workspace, { inputs: ["s3://source/set"], out: "s3://source/set-clean" })
    expect(report.state).toBe("complete")
  })

  it("are a place with anything in it", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "set/", await threeShards())
    store.addBucket("out").put("clean/readme.txt", "words")
    const request = { inputs: ["s3://source/set"], out: "s3://out/clean" }
    await expect(scan(test.workspace, request)).rejects.toThrow(coded("output_conflict"))
  })
})

describe("hostile keys", () => {
  it("never lead out of the output", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const bucket = store.addBucket("source")
    const keys = ["../../evil.jpg", "/abs.jpg", "x//y.jpg", "a/./b.jpg", "c/../d.jpg", "e\0f.jpg", "g/"]
    for (const key of keys) bucket.put(`set/${key}`, await jpeg(1))
    bucket.put("set/good.jpg", await jpeg(2))
    mkdirSync(test.pathOf("out"))
    const { report } = await scan(test.workspace, { inputs: ["s3://source/set"], out: test.pathOf("out", "clean") })
    expect(report.skipped).toEqual({ unsafe_name: keys.length })
    expect(Object.keys(filesBelow(test.pathOf("out")))).toEqual(["clean/good.jpg"])
    expect(Object.keys(filesBelow(test.folder.path)).filter((path) => /evil|abs\.jpg/.test(path))).toEqual([])
  })
})

describe("a canary in keys and content of a bucket", () => {
  it("is in no temporary file, no file of the workspace and on no terminal", async () => {
    const CANARY = "canary-93be04d7"
    await using made = await storeTest()
    const { test, store } = made
    const bucket = store.addBucket("source")
    const known = await jpeg(LISTED_SEED)
    const words = { [`${CANARY}.txt`]: `${CANARY} in text` }
    bucket.put("000000.tar", plainTar({ [`${CANARY}.jpg`]: known, ...words }))
    bucket.put(`loose/${CANARY}.jpg`, known)
    bucket.put(`loose/${CANARY}-2.jpg`, await jpeg(1))
    store.addBucket("out")
    store.faults.onCall = ({ method, key }) =>
      method === "GET" && key.includes("-2") ? failure(500, "InternalError", key) : undefined
    mkdirSync(test.pathOf("tmp"))
    const env = { ...process.env, TMPDIR: test.pathOf("tmp") }
    const run = (...args: readonly string[]) => command(["--workspace", test.root, ...args], { env })
    const failing = await run("scan", "s3://source", "--out", "s3://out/clean")
    store.faults.onCall = () => undefined
    const runs = [
      failing,
      await run("scan", "s3://source", "--out", "s3://out/clean"),
      await run("purge", "s-000001", "--basis", "a test"),
    ]
    expect(runs.map(({ exit }) => exit)).toEqual([10, 0, 0])
    const texts = runs.flatMap(({ out, err }, at) => [[`run ${at}`, Buffer.from(out + err)] as const])
    const files = [test.root, test.pathOf("tmp")].flatMap((folder) =>
      Object.entries(filesBelow(folder)).map(([path, content]) => [join(folder, path), content] as const),
    )
    for (const [place, content] of [...texts, ...files]) {
      expect({ place, at: content.indexOf(CANARY) }).toEqual({ place, at: -1 })
      expect({ place, at: content.indexOf(Buffer.from(known).subarray(0, 64)) }).toEqual({ place, at: -1 })
    }
    const left = [
      ...Object.values(bucket.contents()),
      ...Object.values(store.calls.length > 0 ? bucket.contents() : {}),
    ]
    for (const content of left) expect(content.includes(Buffer.from(known))).toBe(false)
  })
})
