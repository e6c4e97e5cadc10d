import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { arrowRows, arrowTable, FEATURES, IMAGE, IMAGES, writeArrow } from "@nightlight/dev-env/dataset/arrow"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar, sha256 } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { Binary, Dictionary, Int32, Utf8 } from "apache-arrow"
import { describe, expect, it } from "vitest"
import { runHunt } from "../../src/hunt/run-hunt.ts"
import { exportManifest } from "../../src/manifest/export-manifest.ts"
import { runPurge } from "../../src/purge/run-purge.ts"
import { objectsBelow, putAll, storeTest } from "../support/buckets.ts"
import { nightlight } from "../support/in-process.ts"
import { BASIS } from "../support/purges.ts"
import { findingsOf } from "../support/scans.ts"

interface PictureRow {
  readonly image: { readonly bytes: string; readonly path: string } | null
}

/** Rows of pictures in two record batches, as `save_to_disk` writes them. */
function savedPictures(pictures: readonly Uint8Array[], first = 0): Buffer {
  const images = pictures.map((bytes, index) => ({ bytes, path: `${first + index}.jpg` }))
  const half = Math.ceil(images.length / 2)
  const batches = [images.slice(0, half), images.slice(half)]
  return writeArrow(
    arrowTable(
      batches.map((values) => ({ image: { type: IMAGE, values } })),
      { huggingface: FEATURES },
    ),
    "stream",
  )
}

const rowsOf = (bytes: Uint8Array) => arrowRows(bytes) as readonly PictureRow[]
const without = (bytes: Uint8Array, path: string) => rowsOf(bytes).filter(({ image }) => image?.path !== path)

const INFO = {
  builder_name: "parquet",
  dataset_size: 99,
  features: { image: { _type: "Image" } },
  splits: { train: { name: "train", num_bytes: 99, num_examples: 6 }, test: { name: "test", num_examples: 9 } },
}
const STATE = {
  _data_files: [{ filename: "data-00000-of-00002.arrow" }, { filename: "data-00001-of-00002.arrow" }],
  _fingerprint: "0123456789abcdef",
  _split: "train",
}

/** A folder of `save_to_disk` with a listed picture in its second shard. */
async function savedDataset() {
  const pictures = await Promise.all([1, 2, 3, 4, 700, 5].map(jpeg))
  return {
    "train/data-00000-of-00002.arrow": savedPictures(pictures.slice(0, 3)),
    "train/data-00001-of-00002.arrow": savedPictures(pictures.slice(3), 3),
    "train/dataset_info.json": Buffer.from(JSON.stringify(INFO, null, 2)),
    "train/state.json": Buffer.from(JSON.stringify(STATE, null, 2)),
    "dataset_dict.json": Buffer.from('{"splits": ["train"]}'),
  }
}

function writeAll(root: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(`${root}/${name}`), { recursive: true })
    writeFileSync(`${root}/${name}`, bytes)
  }
}

describe("a dataset that save_to_disk wrote", () => {
  it("is screened, copied without the row, and its counts and fingerprint are those of the copy", async () => {
    using test = await testWorkspace()
    const source = await savedDataset()
    writeAll(test.pathOf("data"), source)
    await importRecords(test.workspace, await listOf(700))
    const { exit } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(exit).toBe(0)
    expect(findingsOf(test.workspace)).toMatchObject([{ kind: "picture", sample: 2 }])
    const clean = filesBelow(test.pathOf("clean"))
    const [first, second] = ["train/data-00000-of-00002.arrow", "train/data-00001-of-00002.arrow"] as const
    expect(clean[first]?.equals(source[first])).toBe(true)
    expect(rowsOf(clean[second]!)).toEqual(without(source[second], "4.jpg"))
    expect(clean[second]?.includes(FEATURES)).toBe(true)
    const { splits: _, dataset_size: __, ...info } = INFO
    expect(JSON.parse(String(clean["train/dataset_info.json"]))).toEqual(info)
    const state = JSON.parse(String(clean["train/state.json"]))
    expect(state).toEqual({ ...STATE, _fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) })
    expect(state._fingerprint).not.toBe(STATE._fingerprint)
  })

  it("is copied byte for byte where nothing is withheld", async () => {
    using test = await testWorkspace()
    const source = await savedDataset()
    writeAll(test.pathOf("data"), source)
    await importRecords(test.workspace, await listOf(701))
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(filesBelow(test.pathOf("clean"))).toEqual(source)
  })

  it("loses the row in a purge, also one that a hunt found, and is named in a manifest", async () => {
    using test = await testWorkspace()
    const source = await savedDataset()
    writeAll(test.pathOf("data"), source)
    await importRecords(test.workspace, await listOf(700))
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const out = test.pathOf("keyed.ndjson")
    expect(await exportManifest(test.workspace, { scan: "s-000001", out })).toEqual({ kind: "keyed", lines: 1 })
    expect(readFileSync(out, "utf8")).toContain(test.workspace.keyed.of("item", sha256(await jpeg(700))))
    await importRecords(test.workspace, await listOf(700, 2))
    expect((await runHunt(test.workspace, {}, {}, noSignal)).items).toHaveLength(1)
    for (const found of ["s-000001", "h-000001"]) {
      const report = await runPurge(test.workspace, { scan: found, basis: BASIS }, {}, noSignal)
      expect(report).toMatchObject({ itemsRemoved: 1, failed: [] })
    }
    const left = filesBelow(test.pathOf("data"))
    const [first, second] = ["train/data-00000-of-00002.arrow", "train/data-00001-of-00002.arrow"] as const
    expect(rowsOf(left[first]!)).toEqual(without(source[first], "1.jpg"))
    expect(rowsOf(left[second]!)).toEqual(without(source[second], "4.jpg"))
    const fingerprintOf = (files: typeof left) => JSON.parse(String(files["train/state.json"]))._fingerprint
    expect(fingerprintOf(left)).not.toEqual(fingerprintOf(source))
  })
})

describe("a scan of Arrow files", () => {
  it("finds pictures in lists, dictionaries, archives and text, and names none of them", async () => {
    using test = await testWorkspace()
    const planted = await jpeg(702)
    const other = await jpeg(6)
    const text = `see data:image/jpeg;base64,${Buffer.from(planted).toString("base64")}`
    const table = arrowTable([
      {
        n: { type: new Int32(), values: [0, 1, 2, 3, 4, 5, 6] },
        images: {
          type: IMAGES,
          values: [[{ bytes: other, path: null }], [null, { bytes: planted, path: null }], [], null, null, null, null],
        },
        packed: {
          type: new Dictionary(new Binary(), new Int32()),
          values: [null, null, plainTar({ "x.jpg": planted }), null, null, null, other],
        },
        chat: { type: new Utf8(), values: [null, null, null, text, null, "clear", null] },
        image: {
          type: IMAGE,
          values: [null, null, null, null, { bytes: null, path: "elsewhere.jpg" }, null, null],
        },
      },
    ])
    const bytes = writeArrow(table, "file")
    writeAll(test.pathOf("data"), { "nested.feather": bytes })
    await importRecords(test.workspace, [digestRecord(planted, "sha256")])
    const { out, err } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    const left = readFileSync(test.pathOf("clean", "nested.feather"))
    expect(left.includes(Buffer.from(planted))).toBe(false)
    const isKept = (row: unknown) => [0, 5, 6].includes((row as { readonly n: number }).n)
    expect(arrowRows(left)).toEqual(arrowRows(bytes).filter(isKept))
    expect(findingsOf(test.workspace).map(({ sample, cause }) => ({ sample, cause }))).toContainEqual({
      sample: 4,
      cause: "source_unreadable",
    })
    expect(out + err).not.toMatch(/images|elsewhere|packed/)
  })

  it("writes the README with the counts that the copy has", async () => {
    using test = await testWorkspace()
    const pictures = await Promise.all([1, 2, 703].map(jpeg))
    const info = "dataset_info:\n  splits:\n  - name: train\n    num_examples: 3\n"
    writeAll(test.pathOf("data"), {
      "data/train-00000-of-00001.arrow": savedPictures(pictures),
      "README.md": Buffer.from(`---\n${info}---\nPictures of shapes.\n`),
    })
    await importRecords(test.workspace, await listOf(703))
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(readFileSync(test.pathOf("clean", "README.md"), "utf8")).toContain("num_examples: 2")
  })

  it("sets a truncated file aside, and goes on with the others", async () => {
    using test = await testWorkspace()
    const whole = savedPictures(await Promise.all([1, 704].map(jpeg)))
    writeAll(test.pathOf("data"), { "a.arrow": whole.subarray(0, whole.length / 2), "b.arrow": whole })
    await importRecords(test.workspace, await listOf(704))
    const { exit } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(exit).toBe(42)
    const clean = filesBelow(test.pathOf("clean"))
    expect(Object.keys(clean)).toEqual(["b.arrow"])
    expect(rowsOf(clean["b.arrow"]!)).toEqual(without(whole, "1.jpg"))
  })

  it("reads, copies and purges files in a bucket", async () => {
    await using made = await storeTest()
    const { store, test } = made
    const bucket = store.addBucket("source", { isVersioned: true })
    const source = savedPictures(await Promise.all([1, 2, 901, 3].map(jpeg)))
    putAll(bucket, "set/", { "data-00000-of-00001.arrow": source })
    await scan(test.workspace, { inputs: ["s3://source/set"], out: test.pathOf("clean") })
    const clean = readFileSync(test.pathOf("clean", "data-00000-of-00001.arrow"))
    expect(rowsOf(clean)).toEqual(without(source, "2.jpg"))
    const report = await runPurge(test.workspace, { scan: "s-000001", basis: BASIS }, {}, noSignal)
    expect(report).toMatchObject({ itemsRemoved: 1, failed: [] })
    expect(objectsBelow(bucket, "set/")["data-00000-of-00001.arrow"]?.equals(clean)).toBe(true)
  })
})
