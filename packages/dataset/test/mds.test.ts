import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import {
  bytesOf,
  filesBelow,
  itemsOf,
  outline,
  readBytes,
  readShard,
  shardOf,
  temporaryFolder,
} from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import fc from "fast-check"
import { xxhash64, xxhash128 } from "hash-wasm"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { beginIndexHash } from "../src/containers/mds/index-hashes.ts"
import { copyShard, datasetOf } from "./support/copying.ts"
import { type MdsSample, mdsFolder, mdsShard, pythonJson, readMds } from "./support/mds.ts"
import { BASIS, purge } from "./support/purges.ts"
import { findingsOf } from "./support/scans.ts"

const COLUMNS = { caption: "str", image: "jpeg", label: "int", meta: "json" }
const sample = (caption: string, image: Uint8Array = Buffer.from("picture")): MdsSample => ({
  caption: Buffer.from(caption),
  image,
  label: Buffer.from("0700000000000000", "hex"),
  meta: Buffer.from(`{"url": "https://pictures.example/${caption}"}`),
})
const THREE = [sample("one"), sample("two"), sample("three")]

/** The items of the only sample of a shard with one column. */
async function itemsFor(encoding: string, value: Uint8Array) {
  const [only] = await readBytes("shard.00000.mds.gz", gzipSync(mdsShard({ it: encoding }, [{ it: value }])))
  return only!.items
}
const words = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer)

describe("an MDS shard", () => {
  it.each([
    ["shard.00000.mds", (bytes: Buffer) => bytes],
    ["shard.00000.mds.gz", gzipSync],
    ["shard.00000.mds.zstd", zstdCompressSync],
    ["any.mds", (bytes: Buffer) => bytes],
  ])("has the picture and the other columns of each sample: %s", async (name, pack) => {
    using folder = temporaryFolder()
    const { root, shard } = await shardOf(folder.write(name, pack(mdsShard(COLUMNS, THREE))))
    const samples = await readShard(root, shard)
    expect(shard.kind).toBe("mds")
    expect(outline(samples)[1]).toEqual(["sample 1", "sample 1 image", "sample 1 columns"])
    expect(itemsOf(samples).map((item) => bytesOf(item).toString())).toEqual(
      ["one", "two", "three"].flatMap((caption) => [
        "picture",
        `{"caption":"${caption}","label":"0700000000000000","meta":{"url": "https://pictures.example/${caption}"}}`,
      ]),
    )
    expect(itemsOf(samples)[0]?.source.kind).toBe(pack === gzipSync || pack === zstdCompressSync ? "bytes" : "range")
  })

  it("is a plain file if it only has the ending, such as the description of a disc", async () => {
    using made = await datasetOf({ "disc.mds": Buffer.from("MEDIA DESCRIPTOR and more"), "shard.00000.mds.br": "x" })
    expect(made.plan.shards.map(({ kind }) => kind)).toEqual(["files"])
  })

  it("carries pictures in its texts, and states their origin", async () => {
    const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(200, 9)])
    const text = `see data:image/png;base64,${picture.toString("base64")}`
    const value = {
      text: Buffer.from(text),
      url: Buffer.from("https://a.example/"),
      sha256: Buffer.from("ab".repeat(32)),
    }
    const bytes = mdsShard({ text: "str", url: "str", sha256: "str" }, [value])
    const [only] = await readBytes("shard.00000.mds.gz", gzipSync(bytes))
    expect(only?.origins).toEqual([{ url: "https://a.example/", sha256: "ab".repeat(32) }])
    expect(only?.items.map(({ depth }) => depth)).toEqual([0, 1])
    expect(bytesOf(only!.items[1]!)).toEqual(picture)
  })
})

describe("a value of an MDS sample", () => {
  const pixels = Buffer.from(Array.from({ length: 2 * 3 * 3 }, (_, index) => index))

  it.each([
    ["pil", Buffer.concat([words(3, 2, 3), Buffer.from("RGB"), pixels]), "|u1", "(2, 3, 3)"],
    ["pil", Buffer.concat([words(9, 2, 1), Buffer.from("L"), pixels]), "|u1", "(2, 9)"],
    ["ndarray", Buffer.concat([Buffer.from([8, (3 << 2) | 0, 2, 3, 3]), pixels]), "|u1", "(2, 3, 3)"],
    ["ndarray", Buffer.concat([Buffer.from([16, (1 << 2) | 1, 9, 0]), pixels]), "<u2", "(9,)"],
    ["ndarray:uint8", Buffer.concat([Buffer.from([(2 << 2) | 2, 9, 0, 0, 0, 2, 0, 0, 0]), pixels]), "|u1", "(9, 2)"],
    ["ndarray:int16:3,3", pixels, "<i2", "(3, 3)"],
  ])("that is an array becomes a NumPy file: %s", async (encoding, value, descr, shape) => {
    const [item] = await itemsFor(encoding, value)
    const npy = bytesOf(item!)
    expect(npy.toString("latin1", 0, 8)).toBe("\x93NUMPY\x01\x00")
    expect(npy.toString("latin1", 10)).toContain(`{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`)
    const head = 10 + npy.readUInt16LE(8)
    expect(head % 64).toBe(0)
    expect(npy.subarray(head)).toEqual(pixels)
  })

  it.each([
    ["pil", Buffer.concat([words(3, 2, 4), Buffer.from("CMYK"), pixels])],
    ["pil", Buffer.concat([words(300, 200, 3), Buffer.from("RGB"), pixels])],
    ["pil", Buffer.from("short")],
    ["ndarray", Buffer.concat([Buffer.from([8, (3 << 2) | 0, 200, 3, 3]), pixels])],
    ["ndarray", Buffer.from([99])],
    ["ndarray:uint8:a", pixels],
    ["ndarray:complex64:1", pixels],
    ["pkl", pixels],
    ["something", pixels],
    ["str", Buffer.from("caf\xe9", "latin1")],
    ["jpeg_array", Buffer.concat([words(2, 4, 4_000_000), pixels])],
    ["jpeg_array", Buffer.concat([words(4_000_000_000), pixels])],
  ])("that is not what its column says is an item of its own bytes: %s", async (encoding, value) => {
    const items = await itemsFor(encoding, value)
    expect(items.map(bytesOf)).toEqual([value])
  })

  it("that is a flat array of an encoded picture is that picture", async () => {
    const picture = Buffer.from(await jpeg(1))
    const value = Buffer.concat([Buffer.from([8, (1 << 2) | 2]), words(picture.length), picture])
    expect((await itemsFor("ndarray", value)).map(bytesOf)).toEqual([picture])
  })

  it("that is a list of pictures is an item for each", async () => {
    const [one, two] = [Buffer.from("first"), Buffer.from("second one")]
    const plain = Buffer.concat([words(2, one.length, two.length), one, two])
    const items = await itemsFor("jpeg_array", plain)
    expect(items.map(({ place }) => place)).toEqual(["sample 0 it[0]", "sample 0 it[1]"])
    expect(items.map(bytesOf)).toEqual([one, two])
    expect((await itemsFor("list[png]", Buffer.concat([words(0), plain]))).map(bytesOf)).toEqual([one, two])
  })
})

describe("a damaged or hostile MDS shard", () => {
  const good = mdsShard(COLUMNS, THREE)
  const changed = (offset: number, value: number) => {
    const bytes = Buffer.from(good)
    bytes.writeUInt32LE(value, offset)
    return bytes
  }

  it.each([
    ["claims samples beyond memory", "shard_limit", changed(0, 0xffffffff)],
    ["claims more samples than it has", "shard_malformed", changed(0, 900)],
    ["has a first offset within its table", "shard_malformed", changed(4, 8)],
    ["has columns without end", "shard_malformed", changed(4, 0x7fffffff)],
    ["has an offset that goes back", "shard_malformed", changed(8, 1)],
    ["ends before its last sample", "shard_malformed", good.subarray(0, -1)],
    ["continues after its last sample", "shard_malformed", Buffer.concat([good, Buffer.from("hidden")])],
    ["is empty but for a number", "shard_malformed", Buffer.alloc(4)],
    [
      "is of another version",
      "shard_malformed",
      Buffer.from(good.toString("latin1").replace('"version": 2', '"version": 3'), "latin1"),
    ],
    [
      "has no columns",
      "shard_malformed",
      Buffer.from(good.toString("latin1").replace("column_names", "column_nemas"), "latin1"),
    ],
  ])("is set aside if it %s", async (_, code, bytes) => {
    await expect(readBytes("shard.00000.mds", bytes)).rejects.toMatchObject({ code })
    await expect(readBytes("shard.00000.mds.gz", gzipSync(bytes))).rejects.toMatchObject({ code })
  })

  it("is set aside if it inflates without end", async () => {
    const bytes = zstdCompressSync(mdsShard({ a: "bytes" }, [{ a: Buffer.alloc(60_000_000) }]))
    await expect(readBytes("shard.00000.mds.zstd", bytes)).rejects.toMatchObject({ code: "shard_bomb" })
  })

  it("is inconclusive for a sample whose values are not all of it, and keeps the others", async () => {
    const lying = Buffer.from(good)
    // The size of the first sample's caption.
    lying.writeUInt32LE(4_000_000, lying.readUInt32LE(4))
    const samples = await readBytes("shard.00000.mds", lying)
    expect(samples.map(({ items }) => items.map(({ refused }) => refused))).toEqual([
      ["archive_malformed"],
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  it("is inconclusive for a sample larger than may be held, which a purge keeps", async () => {
    const long = [sample("one"), sample("long", Buffer.alloc(5_000, 1)), sample("three")]
    for (const [name, pack, unpack] of [
      ["shard.00000.mds", (bytes: Buffer) => bytes, (bytes: Buffer) => bytes],
      ["shard.00000.mds.gz", gzipSync, gunzipSync],
    ] as const) {
      using made = await datasetOf({ [name]: pack(mdsShard(COLUMNS, long)) })
      const { root, shards } = made.plan
      const limits = { itemBytes: 2_000 }
      const samples = await readShard(root, shards[0]!, limits)
      expect(samples.map(({ items }) => items[0]?.refused)).toEqual([undefined, "byte_limit", undefined])
      await copyShard(root, shards[0]!, made.out, { mode: "purge", isClear: (item) => item.sample !== 2, limits })
      expect(unpack(filesBelow(made.out)[name]!)).toEqual(mdsShard(COLUMNS, long.slice(0, 2)))
    }
  })
})

describe("the copy of an MDS shard", () => {
  const row = fc.record({
    caption: fc.string(),
    image: fc.uint8Array({ maxLength: 50 }),
    keep: fc.boolean(),
  })

  it("is the shard that its writer would have made of the samples that stay", async () => {
    const kinds = fc.constantFrom("", ".gz", ".zstd")
    const property = fc.asyncProperty(
      fc.array(row, { maxLength: 8 }),
      kinds,
      fc.constantFrom("clean", "purge"),
      async (rows, kind, mode) => {
        const pack = { "": (bytes: Buffer) => bytes, ".gz": gzipSync, ".zstd": zstdCompressSync }[kind]!
        const unpack = { "": (bytes: Buffer) => bytes, ".gz": gunzipSync, ".zstd": zstdDecompressSync }[kind]!
        const name = `shard.00000.mds${kind}`
        const bytes = pack(
          mdsShard(
            COLUMNS,
            rows.map(({ caption, image }) => sample(caption, image)),
          ),
        )
        using made = await datasetOf({ [name]: bytes })
        const { root, shards } = made.plan
        await copyShard(root, shards[0]!, made.out, { mode })
        expect(filesBelow(made.out)[name]).toEqual(bytes)
        await copyShard(root, shards[0]!, made.out, { mode, isClear: (item) => rows[item.sample]!.keep })
        const left = rows.filter(({ keep }) => keep).map(({ caption, image }) => sample(caption, image))
        expect(unpack(filesBelow(made.out)[name]!)).toEqual(mdsShard(COLUMNS, left))
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })

  it("states its size where it is compressed by zstd, as Python's zstd requires", async () => {
    using made = await datasetOf({ "shard.00000.mds.zstd": zstdCompressSync(mdsShard(COLUMNS, THREE)) })
    const { root, shards } = made.plan
    await copyShard(root, shards[0]!, made.out, { isClear: (item) => item.sample !== 1 })
    const copy = filesBelow(made.out)["shard.00000.mds.zstd"]!
    // Bits 6 and 7 of the frame's descriptor: how long the field of the size is.
    expect(copy[4]! >> 6).toBeGreaterThan(0)
  })
})

describe("a scan of MDS shards", () => {
  it.each([null, "zstd", "gz"] as const)(
    "withholds the samples with a listed picture, corrects the index, and a purge removes them from the source (%s)",
    async (compression) => {
      using test = await testWorkspace()
      const listed = Buffer.from(await jpeg(971))
      await importRecords(test.workspace, await listOf(971))
      const { data: pixels, info } = await sharp(listed).removeAlpha().raw().toBuffer({ resolveWithObject: true })
      const raw = Buffer.concat([words(info.width, info.height, 3), Buffer.from("RGB"), pixels])
      const other = Buffer.from(await jpeg(2))
      const columns = { image: "jpeg", pixels: "pil", text: "str", label: "int" }
      const grey = Buffer.concat([words(4, 4, 1), Buffer.from("L"), Buffer.alloc(16)])
      const row = (text: string, more: MdsSample = {}): MdsSample => ({
        image: other,
        pixels: grey,
        text: Buffer.from(text),
        label: Buffer.alloc(8),
        ...more,
      })
      const inText = `data:image/jpeg;base64,${listed.toString("base64")}`
      const shards = [
        [row("a"), row("b", { image: listed }), row("c")],
        [row("d"), row("e")],
        [row("f", { pixels: raw }), row(inText), row("g")],
        [row("h", { image: listed })],
      ]
      const left = [[shards[0]![0]!, shards[0]![2]!], shards[1]!, [shards[2]![2]!]]
      const choices = { compression, hashes: ["sha1", "sha256"] }
      const files = mdsFolder(columns, shards, choices)
      writeFiles(test.pathOf("data"), files)
      const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
      expect(report).toMatchObject({ withheldSamples: 4, causes: {} })
      expect(
        findingsOf(test.workspace)
          .map(({ decision }) => decision)
          .sort(),
      ).toEqual(["quarantine", "quarantine", "quarantine", "review", "review"])

      const copy = filesBelow(test.pathOf("clean"))
      const unpack = (bytes: Buffer) =>
        compression === null ? bytes : compression === "gz" ? gunzipSync(bytes) : zstdDecompressSync(bytes)
      const index = JSON.parse(copy["index.json"]!.toString()) as {
        shards: { samples: number; raw_data: Info; zip_data: Info | null }[]
      }
      expect(copy["index.json"]!.toString()).toBe(pythonJson(index))
      expect(index.shards.map(({ samples }) => samples)).toEqual([2, 2, 1])
      for (const [at, { raw_data, zip_data }] of index.shards.entries()) {
        const bytes = copy[(zip_data ?? raw_data).basename]!
        expect(readMds(unpack(bytes), columns)).toEqual(left[at]!.map((sampled) => ({ ...sampled })))
        expect(raw_data).toEqual(infoOf(raw_data.basename, unpack(bytes)))
        if (zip_data !== null) expect(zip_data).toEqual(infoOf(zip_data.basename, bytes))
      }
      expect(copy[(index.shards[1]!.zip_data ?? index.shards[1]!.raw_data).basename]).toEqual(
        files[(index.shards[1]!.zip_data ?? index.shards[1]!.raw_data).basename],
      )

      const { shards: purged } = await purge(test, { basis: BASIS })
      expect(purged.flatMap(({ stale }) => stale)).toContain("index.json")
      const ending = compression === null ? "" : `.${compression}`
      const source = readFileSync(test.pathOf("data", `shard.00000.mds${ending}`))
      expect(readMds(unpack(source), columns)).toEqual(left[0]!.map((sampled) => ({ ...sampled })))
    },
  )

  it("gets its xxHash in the index for the shard that it is now", async () => {
    using test = await testWorkspace()
    const listed = Buffer.from(await jpeg(971))
    await importRecords(test.workspace, [digestRecord(listed, "sha256")])
    const kept = { image: Buffer.from(await jpeg(2)) }
    const files = mdsFolder({ image: "jpeg" }, [[{ image: listed }, kept]])
    const index = files["index.json"]!.toString().replace('"hashes": {}', '"hashes": {"xxh128": "00", "xxh64": "11"}')
    writeFiles(test.pathOf("data"), { ...files, "index.json": index })
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const copy = filesBelow(test.pathOf("clean"))
    const { shards } = JSON.parse(copy["index.json"]!.toString())
    const shard = copy["shard.00000.mds"]!
    expect(shards[0].raw_data).toEqual({
      basename: "shard.00000.mds",
      bytes: shard.length,
      hashes: { xxh128: await xxhash128(shard), xxh64: await xxhash64(shard) },
    })
  })

  it.each([
    ["xxh32", "550d7456"],
    ["xxh64", "d24ec4f1a98c6e5b"],
    ["xxh3_64", "e6c632b61e964e1f"],
    ["xxh128", "a96faf705af16834e6c632b61e964e1f"],
    ["xxh3_128", "a96faf705af16834e6c632b61e964e1f"],
  ])("knows the hash %s as Python writes it", async (name, hex) => {
    const hash = await beginIndexHash(name)
    hash?.update(Buffer.from("a"))
    expect(hash?.hex()).toBe(hex)
  })

  it("leaves out an index that needs an unknown hash, and keeps it where nothing is withheld", async () => {
    using test = await testWorkspace()
    const listed = Buffer.from(await jpeg(971))
    await importRecords(test.workspace, [digestRecord(listed, "sha256")])
    const files = mdsFolder({ image: "jpeg" }, [[{ image: listed }, { image: Buffer.from(await jpeg(2)) }]])
    const index = files["index.json"]!.toString().replace('"hashes": {}', '"hashes": {"crc99": "0011"}')
    writeFiles(test.pathOf("data"), { ...files, "index.json": index })
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["shard.00000.mds"])
    writeFiles(test.pathOf("other"), mdsFolder({ image: "jpeg" }, [[{ image: Buffer.from(await jpeg(2)) }]]))
    await scan(test.workspace, { inputs: [test.pathOf("other")], out: test.pathOf("clean-other") })
    expect(filesBelow(test.pathOf("clean-other"))).toEqual(filesBelow(test.pathOf("other")))
  })
})

interface Info {
  readonly basename: string
  readonly bytes: number
  readonly hashes: Readonly<Record<string, string>>
}

function infoOf(basename: string, bytes: Buffer): Info {
  const hash = (name: string) => createHash(name).update(bytes).digest("hex")
  return { basename, bytes: bytes.length, hashes: { sha1: hash("sha1"), sha256: hash("sha256") } }
}
