import { readFileSync } from "node:fs"
import { LISTED, mixedDataset } from "@nightlight/dev-env/dataset/datasets"
import { listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { afterEach, describe, expect, it, vi } from "vitest"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { parseHubAddress } from "../src/stores/hub/address.ts"
import { startHub } from "./support/hub.ts"
import { nightlight } from "./support/in-process.ts"

afterEach(() => void vi.unstubAllEnvs())

async function hubTest() {
  const hub = await startHub()
  vi.stubEnv("HF_ENDPOINT", hub.url)
  vi.stubEnv("HF_TOKEN", undefined)
  return hub
}

const coded = (code: string) => expect.objectContaining({ code })
const plan = (...inputs: readonly string[]) => planDataset(inputs, {}, noSignal)

describe("a dataset on the Hugging Face Hub", () => {
  it("is screened at one commit like the same files on disk, and its clean copy is the same", async () => {
    await using hub = await hubTest()
    using test = await testWorkspace()
    await importRecords(test.workspace, await listOf(...Object.values(LISTED)))
    await mixedDataset(test.pathOf("data"))
    const files = filesBelow(test.pathOf("data"))
    const commit = hub.commit("some/pictures", { ...files, "empty.txt": "", "loose/a b#?%.txt": "words" })
    const { root } = await plan("hf://datasets/some/pictures")
    expect(root).toBe(`hf://datasets/some/pictures@${commit}`)
    hub.commit("some/pictures", files)
    const local = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const args = ["scan", "hf://datasets/some/pictures", "--out", test.pathOf("clean-2")]
    const { exit, out } = await nightlight(test.root, ...args)
    expect(exit).toBe(0)
    const latest = hub.datasets.get("some/pictures")?.revisions.get("main")
    expect(out).toContain(`Commit    ${latest}`)
    const record = JSON.parse(readFileSync(`${test.workspace.layout.scans}/s-000002/scan.json`, "utf8"))
    expect(record).toMatchObject({ commit: latest, root: `hf://datasets/some/pictures@${latest}` })
    expect(local.report.decisions.quarantine).toBe(4)
    expect(filesBelow(test.pathOf("clean-2"))).toEqual(filesBelow(test.pathOf("clean")))
    const old = await scan(test.workspace, { inputs: [`hf://datasets/some/pictures@${commit}`] })
    expect(old.report).toMatchObject({ commit, totals: { items: local.report.totals.items + 2 } })
    expect(hub.state.hasLeakedToken).toBe(false)
  })

  it("is read by folder, by file and by brace list", async () => {
    await using hub = await hubTest()
    const commit = hub.commit("some/pictures", { "train/0.tar": "x", "train/2.tar": "x", "test/0.tar": "x" }, "v1")
    const root = `hf://datasets/some/pictures@${commit}`
    expect(await plan("hf://datasets/some/pictures@v1/train")).toMatchObject({ root: `${root}/train` })
    const { shards } = await plan("hf://datasets/some/pictures@v1/train/0.tar", "hf://datasets/some/pictures@v1/test/")
    expect(shards.map(({ path }) => path)).toEqual(["test/0.tar", "train/0.tar"])
    const listed = await plan("hf://datasets/some/pictures@v1/train/{0..2}.tar")
    expect(listed.shards.map(({ path }) => path)).toEqual(["0.tar", "2.tar"])
    expect(listed.strays).toEqual([{ code: "missing", place: "1.tar" }])
    await expect(plan("hf://datasets/some/pictures@v1/other")).rejects.toThrow(coded("not_found"))
    await expect(plan("hf://datasets/some/pictures@v2")).rejects.toThrow(coded("not_found"))
  })

  it("needs a token if it is private, which no other host receives", async () => {
    await using hub = await hubTest()
    hub.commit("some/private", { "a.tar": "x".repeat(600) })
    hub.datasets.get("some/private")!.isPrivate = true
    await expect(plan("hf://datasets/some/private")).rejects.toThrow(coded("not_found"))
    vi.stubEnv("HF_TOKEN", "hf_another")
    await expect(plan("hf://datasets/some/private")).rejects.toThrow(coded("unauthenticated"))
    vi.stubEnv("HF_TOKEN", "no token")
    await expect(plan("hf://datasets/some/private")).rejects.toThrow(coded("unauthenticated"))
    vi.stubEnv("HF_TOKEN", hub.token)
    expect((await plan("hf://datasets/some/private")).shards).toHaveLength(1)
    expect(hub.state.hasLeakedToken).toBe(false)
  })

  it("is asked again where the Hub is busy", async () => {
    await using hub = await hubTest()
    hub.commit("some/pictures", { "a.tar": "x".repeat(600) })
    hub.state.throttled = 2
    expect((await plan("hf://datasets/some/pictures")).shards).toHaveLength(1)
  })

  it("can be neither written nor purged", async () => {
    await using hub = await hubTest()
    using test = await testWorkspace()
    await importRecords(test.workspace, await listOf(LISTED.tar))
    await mixedDataset(test.pathOf("data"))
    hub.commit("some/pictures", filesBelow(test.pathOf("data")))
    const written = await nightlight(test.root, "scan", test.pathOf("data"), "--out", "hf://datasets/some/clean")
    expect(written).toMatchObject({ exit: 2, out: "" })
    expect(written.err).toContain("can only be read")
    await scan(test.workspace, { inputs: ["hf://datasets/some/pictures"] })
    const purged = await nightlight(test.root, "purge", "s-000001", "--basis", "a test")
    expect(purged).toMatchObject({ exit: 2, out: "" })
    expect(purged.err).toContain("this dataset can only be read")
  })
})

describe("an address on the Hub", () => {
  it.each([
    ["hf://datasets/o/n", { name: "o/n", revision: "main", path: "" }],
    ["hf://datasets/o/n@v1.0/a/b.tar", { name: "o/n", revision: "v1.0", path: "a/b.tar" }],
    ["hf://datasets/o/n@refs%2Fpr%2F3/", { name: "o/n", revision: "refs/pr/3", path: "" }],
    [
      "hf://datasets/o/n@refs/convert/parquet/default",
      { name: "o/n", revision: "refs/convert/parquet", path: "default" },
    ],
  ])("names a dataset, a revision and a path: %s", (text, address) => {
    expect(parseHubAddress(text)).toEqual(address)
  })

  it.each([
    "hf://o/n",
    "hf://models/o/n",
    "hf://datasets/n",
    "hf://datasets/o/n@",
    "hf://datasets/o/n@%ff",
    "hf://datasets/o/n/../x",
    "hf://datasets/../n",
    "hf://datasets/o/n/a//b",
  ])("is refused if it is no such thing: %s", (text) => {
    expect(() => parseHubAddress(text)).toThrow(coded("input_invalid"))
  })
})
