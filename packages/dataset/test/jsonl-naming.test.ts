import { gunzipSync, gzipSync } from "node:zlib"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { createNameCheck, namedFile } from "../src/containers/jsonl/named-files.ts"
import { scanJson } from "../src/containers/records/json-strings.ts"
import type { CopyShardResult } from "../src/copy/types.ts"
import { allBut, copyDataset, copyShard, datasetOf, type IsClear } from "./support/copying.ts"
import { BASIS, purge } from "./support/purges.ts"

const lines = (...values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("")

describe("the files that a record names", () => {
  const namesIn = (value: unknown) => {
    const names: string[] = []
    scanJson(Buffer.from(JSON.stringify(value)), 1, (found) => {
      const name = namedFile(found)
      if (name !== undefined) names.push(name)
    })
    return names
  }

  it.each([
    [{ image: "a/1.jpg" }, ["a/1.jpg"]],
    [{ images: ["1.png", "ü/2.png"] }, ["1.png", "ü/2.png"]],
    [{ messages: [{ content: [{ type: "image", image: "1.jpg" }] }] }, ["1.jpg"]],
    [
      { file_name: "1.jpg", mask_file_names: ["2.png"], video_path: "3.mp4", audios: [["4.wav"]] },
      ["1.jpg", "2.png", "3.mp4", "4.wav"],
    ],
    [{ image: "https://a.example/1.jpg", images: ["data:image/png;base64,AAAA.jpg"], file: "no extension" }, []],
    [{ text: "see 1.jpg", caption: "1.jpg", profile: "1.jpg", path: "1.jpg", file_name: "1.py" }, []],
  ])("are those of its fields for files: %j", (value, expected) => {
    expect(namesIn(value)).toEqual(expected)
  })
})

describe("a named file", () => {
  const check = createNameCheck("data/text", {
    paths: ["data/text/1.jpg", "data/images/coco/2.jpg", "other/3.jpg"],
    isWritten: (path) => ["data/3.jpg", "data/text/4.jpg"].includes(path),
  })

  it.each([
    ["1.jpg", true],
    ["./1.jpg", true],
    ["../images/coco/2.jpg", true],
    ["images/coco/2.jpg", true],
    ["coco/2.jpg", true],
    ["/coco/2.jpg", true],
    ["coco\\2.jpg", true],
    ["3.jpg", false],
    ["4.jpg", false],
    ["elsewhere/2.jpg", false],
    ["oco/2.jpg", false],
    ["5.jpg", false],
  ])("is looked up from the record's folder upwards, then by the end of its path: %s", (name, isWithheld) => {
    expect(check(name)).toBe(isWithheld)
  })
})

describe("records that name files of the dataset", () => {
  const rows = [
    { id: "1", image: "coco/1.jpg", conversations: [] },
    { id: "2", image: "coco/2.jpg", conversations: [] },
    { id: "3", conversations: [] },
    { id: "4", images: ["coco/3.jpg", "coco/2.jpg"] },
  ]
  const pictures = { "images/coco/1.jpg": "one", "images/coco/2.jpg": "two", "images/coco/3.jpg": "three" }
  const large = (values: readonly unknown[]) => JSON.stringify([...values, { filling: "x".repeat(70_000) }], null, 1)

  it.each([
    ["text/train.jsonl", lines(...rows), lines(rows[0], rows[2])],
    ["train.json", large(rows), large([rows[0], rows[2]])],
  ])("leave the copy with the file that was withheld: %s", async (name, text, left) => {
    using made = await datasetOf({ ...pictures, [name]: text, [`${name}.idx`]: "offsets" })
    expect(made.plan.shards.map(({ kind, last }) => [kind, last])).toEqual([
      ["files", undefined],
      ["jsonl", true],
    ])
    const [, result] = await copyDataset(made.plan, made.out, allBut("2.jpg"))
    const copy = filesBelow(made.out)
    expect(copy[name]?.toString()).toBe(left)
    expect(Object.keys(copy).sort()).toEqual(["images/coco/1.jpg", "images/coco/3.jpg", name].sort())
    expect(result).toMatchObject({ droppedRows: 2, stale: [`${name}.idx`] })
    await copyDataset(made.plan, made.out)
    expect(filesBelow(made.out)[name]?.toString()).toBe(text)
  })

  it("are named by a purge of a file, and not changed", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, [digestRecord(Buffer.from("two"), "sha256")])
    writeFiles(test.pathOf("data"), { ...pictures, "train.jsonl": lines(...rows) })
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const { shards } = await purge(test, { basis: BASIS })
    expect(shards.map(({ stale }) => stale)).toEqual([["train.jsonl"]])
    expect(filesBelow(test.pathOf("data"))["train.jsonl"]?.toString()).toBe(lines(...rows))
  })
})

describe("attributes of documents", () => {
  const document = (id: string) => ({ id, text: `words of ${id}`, source: "test" })
  const attribute = (id: string) => ({ id, attributes: { test__score: [[0, 4, 0.5]] } })
  const ids = ["a", "b", "c", "d"]
  const dataset = (attributes: readonly unknown[] = ids.map(attribute)) => ({
    [documents]: gzipSync(lines(...ids.map(document))),
    "v1/documents/en/1.jsonl.gz": gzipSync(lines(...ids.map(document))),
    "v1/attributes/exp/en/0.jsonl.gz": gzipSync(lines(...attributes)),
    "v1/attributes/exp/en/1.jsonl.gz": gzipSync(lines(...ids.map(attribute))),
    "v1/attributes/exp/other.jsonl": lines({ id: "x" }, { id: "y" }),
  })
  const path = "v1/attributes/exp/en/0.jsonl.gz"
  const documents = "v1/documents/en/0.jsonl.gz"

  async function copied(attributes?: readonly unknown[]) {
    using made = await datasetOf(dataset(attributes))
    const { root, shards } = made.plan
    const incomplete = new Map(shards.filter(({ path }) => path === documents).map(({ id, path }) => [id, path]))
    const results: CopyShardResult[] = []
    for (const shard of shards) {
      const isClear: IsClear = (item) => shard.path !== documents || item.place !== "line 2"
      results.push(await copyShard(root, shard, made.out, { isClear, incomplete }))
    }
    return { plan: made.plan, copy: filesBelow(made.out), results, source: dataset(attributes) }
  }

  it("lose the rows of the documents that were withheld, and are byte-identical where none was", async () => {
    const { plan, copy, source, results } = await copied()
    expect(plan.shards.map((shard) => [shard.path, shard.last])).toEqual([
      ["v1/attributes/exp/other.jsonl", undefined],
      [documents, undefined],
      ["v1/documents/en/1.jsonl.gz", undefined],
      [path, true],
      ["v1/attributes/exp/en/1.jsonl.gz", true],
    ])
    expect(gunzipSync(copy[documents]!).toString()).toBe(lines(...["a", "c", "d"].map(document)))
    expect(gunzipSync(copy[path]!).toString()).toBe(lines(...["a", "c", "d"].map(attribute)))
    expect(copy["v1/attributes/exp/en/1.jsonl.gz"]).toEqual(source["v1/attributes/exp/en/1.jsonl.gz"])
    expect(results.flatMap(({ droppedRows }) => droppedRows)).toContain(1)
  })

  it.each([
    ["other ids", ["a", "c", "b", "d"].map(attribute)],
    ["fewer rows", ["a", "b", "c"].map(attribute)],
    ["more rows", [...ids, "e"].map(attribute)],
    ["rows without ids", ids.map(() => ({ attributes: {} }))],
  ])("are left out and named where they have %s", async (_, attributes) => {
    const { copy, results } = await copied(attributes)
    expect(Object.keys(copy)).not.toContain(path)
    expect(results.flatMap(({ stale }) => stale)).toEqual([path])
  })

  it("are left out where their documents are not in the copy, or a row of theirs was withheld", async () => {
    using made = await datasetOf(dataset())
    const { root, shards } = made.plan
    const [attributes, described] = [path, documents].map((of) => shards.find((shard) => shard.path === of)!)
    const alone = await copyShard(root, attributes!, made.out)
    expect(alone).toMatchObject({
      stale: [path],
      itemsWritten: 0,
      itemsDropped: 4,
      samplesWritten: 0,
      samplesDropped: 4,
    })
    await copyShard(root, described!, made.out)
    const withheld = await copyShard(root, attributes!, made.out, { isClear: allBut("line 2") })
    expect(withheld).toMatchObject({ stale: [path], itemsWritten: 0 })
    expect(Object.keys(filesBelow(made.out))).toEqual([documents])
  })

  it("follow a scan and are named by a purge of documents", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, await listOf(981))
    const listed = {
      ...document("b"),
      text: `data:image/jpeg;base64,${Buffer.from(await jpeg(981)).toString("base64")}`,
    }
    const files = {
      ...dataset(),
      [documents]: gzipSync(lines(document("a"), listed, document("c"), document("d"))),
    }
    writeFiles(test.pathOf("data"), files)
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const copy = filesBelow(test.pathOf("clean"))
    expect(gunzipSync(copy[path]!).toString()).toBe(lines(...["a", "c", "d"].map(attribute)))
    expect(report.clean).toMatchObject({ samplesDropped: 2, stale: [] })
    const { shards } = await purge(test, { basis: BASIS })
    expect(shards.flatMap(({ stale }) => stale)).toEqual([path])
  })
})
