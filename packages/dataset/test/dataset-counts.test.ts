import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { blob, duckdb } from "./support/duckdb.ts"
import { BASIS, purge } from "./support/purges.ts"

const LISTED = 951

const readme = (downloadBytes: number) => `---
license: cc0-1.0
dataset_info:
  splits:
  - name: train
    num_bytes: 4000
    num_examples: 4
  - name: test
    num_bytes: 1000
    num_examples: 1
  download_size: ${downloadBytes}
  dataset_size: 5000
---
Shapes, 4000 of them.\r
`

const infos = (downloadBytes: number) =>
  `{"default": {"splits": {"train": {"name": "train", "num_bytes": 4000, "num_examples": 4}, ` +
  `"test": {"name": "test", "num_bytes": 1000, "num_examples": 1}}, "download_checksums": {"x": {"checksum": "y"}}, ` +
  `"download_size": ${downloadBytes}, "dataset_size": 5000, "size_in_bytes": ${downloadBytes + 5000}}}`

const lines = (folder: string) =>
  `---\ndataset_info:\n  splits:\n  - name: train\n    num_examples: 3\n---\n${folder}\n`

let test: TestWorkspace

const sizeOf = (folder: string) =>
  readdirSync(join(folder, "data")).reduce((sum, name) => sum + readFileSync(join(folder, "data", name)).length, 0)

beforeAll(async () => {
  test = await testWorkspace()
  const hub = test.pathOf("data", "hub")
  const pictures = await Promise.all([1, 2, LISTED, 3, 4].map((seed) => jpeg(seed)))
  writeFiles(hub, { "data/.keep": "" })
  rmSync(join(hub, "data", ".keep"))
  const rows = (some: readonly Uint8Array[]) =>
    some.map((bytes, row) => `(${row}, {'bytes': ${blob(bytes)}, 'path': '${row}.jpg'})`).join(",")
  for (const [split, some] of [
    ["train", pictures.slice(0, 4)],
    ["test", pictures.slice(4)],
  ] as const) {
    await duckdb(
      `COPY (SELECT * FROM (VALUES ${rows(some)}) t(n, image)) TO '${hub}/data/${split}-00000-of-00001.parquet'`,
    )
  }
  writeFiles(hub, { "README.md": readme(sizeOf(hub)), "dataset_infos.json": infos(sizeOf(hub)) })
  const listed = Buffer.from(pictures[2]!).toString("base64")
  const chat = (text: string) => `${JSON.stringify({ text })}\n`
  writeFiles(test.pathOf("data"), {
    "chats/README.md": lines("chats"),
    "chats/train.jsonl": chat("one") + chat(`data:image/jpeg;base64,${listed}`) + chat("three"),
    "whole/README.md": lines("whole"),
    "whole/train.jsonl": chat("four") + chat("five") + chat("six"),
  })
  await importRecords(test.workspace, await listOf(LISTED))
  cpSync(test.pathOf("data"), test.pathOf("original"), { recursive: true, preserveTimestamps: true })
  await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
})
afterAll(() => test[Symbol.dispose]())

const restore = () => {
  rmSync(test.pathOf("data"), { recursive: true })
  cpSync(test.pathOf("original"), test.pathOf("data"), { recursive: true, preserveTimestamps: true })
}

/** Expects the counts of a place to be those of its files, and everything else to be as it was. */
function expectCounts(place: string): void {
  const hub = test.pathOf(place, "hub")
  const before = sizeOf(test.pathOf("original", "hub"))
  const counted = (text: string) =>
    text
      .replace(/(num_bytes"?: )4000/, "$13000")
      .replace(/(num_examples"?: )4/, "$13")
      .replace(/(dataset_size"?: )5000/, "$14000")
      .replace(/"download_checksums": .*?\}\}, /, "")
  expect(readFileSync(join(hub, "README.md"), "latin1")).toBe(counted(readme(sizeOf(hub))))
  expect(readFileSync(join(hub, "dataset_infos.json"), "utf8")).toBe(
    counted(infos(sizeOf(hub))).replace(String(sizeOf(hub) + 5000), String(sizeOf(hub) + 4000)),
  )
  expect(sizeOf(hub)).toBeLessThan(before)
  expect(readFileSync(test.pathOf(place, "chats", "README.md"), "utf8")).toBe("---\ndataset_info:\n---\nchats\n")
  expect(readFileSync(test.pathOf(place, "whole", "README.md"), "utf8")).toBe(lines("whole"))
}

describe("the counts of Hugging Face datasets", () => {
  it("are those of a clean copy", () => {
    expectCounts("clean")
  })

  it("are those that a purge leaves, and none of these files is named as stale", async () => {
    restore()
    const report = await purge(test, { basis: BASIS, includeReview: true })
    expect(report.shards.map(({ path, stale }) => [path, stale])).toEqual([
      ["chats/train.jsonl", []],
      ["hub/data/train-00000-of-00001.parquet", []],
    ])
    expectCounts("data")
    expect(readdirSync(test.workspace.layout.purges).filter((name) => name.startsWith("rows-"))).toEqual([])
  })

  it("are written by the repetition of a purge that was killed before it wrote them", async () => {
    restore()
    const { purges } = test.workspace.layout
    const tables = filesBelow(test.pathOf("data", "hub", "data"))
    await purge(test, { basis: BASIS, includeReview: true })
    // As if it had ended between the last shard and the counts.
    const before = Object.entries(tables).map(([name, bytes]) => [
      `hub/data/${name}`,
      [name.startsWith("train") ? 4 : 1, bytes.length],
    ])
    const journal = readdirSync(purges).find((name) => name.startsWith("rows-"))
    expect(journal).toBeUndefined()
    const root = test.workspace.keyed.of("purge-rows", test.pathOf("data"))
    writeFileSync(join(purges, `rows-${root.slice(0, 32)}.json`), JSON.stringify(before))
    for (const name of ["hub/README.md", "hub/dataset_infos.json", "chats/README.md"]) {
      cpSync(test.pathOf("original", name), test.pathOf("data", name), { preserveTimestamps: true })
    }
    expect(await purge(test, { basis: BASIS, includeReview: true })).toMatchObject({ itemsRemoved: 0 })
    const hub = test.pathOf("data", "hub")
    expect(readFileSync(join(hub, "README.md"), "utf8")).toContain("num_examples: 3")
    expect(readFileSync(test.pathOf("data", "chats", "README.md"), "utf8")).not.toContain("num_examples")
    expect(existsSync(join(purges, `rows-${root.slice(0, 32)}.json`))).toBe(false)
  })

  it("that cannot be written do not stop a purge: they are named as stale, and its repetition writes them", async () => {
    restore()
    const name = test.pathOf("data", "hub", "README.md")
    const folderInTheWay = () => {
      rmSync(name)
      mkdirSync(join(name, "folder"), { recursive: true })
    }
    const report = await purge(test, { basis: BASIS, includeReview: true }, { onPlan: folderInTheWay })
    expect(report.failed).toEqual([])
    expect(report.shards.flatMap(({ stale }) => stale)).toEqual(["hub/README.md"])
    expect(readFileSync(test.pathOf("data", "hub", "dataset_infos.json"), "utf8")).toContain('"num_examples": 3')
    const journals = () => readdirSync(test.workspace.layout.purges).filter((file) => file.startsWith("rows-"))
    expect(journals()).toHaveLength(1)
    rmSync(name, { recursive: true })
    cpSync(test.pathOf("original", "hub", "README.md"), name, { preserveTimestamps: true })
    await purge(test, { basis: BASIS, includeReview: true })
    expect(readFileSync(name, "utf8")).toContain("num_examples: 3")
    expect(journals()).toEqual([])
  })

  it("stay in the source where nothing of a dry run is written", async () => {
    restore()
    await purge(test, { includeReview: true, dryRun: true })
    expect(filesBelow(test.pathOf("data"))).toEqual(filesBelow(test.pathOf("original")))
  })
})
