import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import {
  bytesOf,
  filesBelow,
  itemsOf,
  outline,
  plainTar,
  readBytes,
  readShard,
  sha256,
  shardOf,
  temporaryFolder,
} from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { allBut, copyDataset, copyShard, datasetOf } from "./support/copying.ts"

const PICTURE = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(200, 9)])
const URL_OF_PICTURE = `data:image/png;base64,${PICTURE.toString("base64")}`
const LINES = ['{"id":1,"text":"one"}', `{"id":2,"image":"${URL_OF_PICTURE}"}`, '{"id":3,"text":"three"}']
const TEXT = LINES.map((line) => `${line}\n`).join("")
const LARGE = `${JSON.stringify([{ id: 1, text: "x".repeat(70_000) }, { id: 2 }, { id: 3 }], null, 2)}\n`

/** Kinds of shards and their paths in a plan. */
async function planned(files: Readonly<Record<string, string | Uint8Array>>) {
  using made = await datasetOf(files)
  return made.plan.shards.map(({ kind, path, sidecars, last }) => [
    kind,
    last === true ? "last" : path,
    ...(sidecars ?? []),
  ])
}

describe("a file of JSON records", () => {
  it.each([
    ["a.jsonl", TEXT],
    ["a.ndjson", TEXT],
    ["A.JSONL", TEXT],
    ["a.jsonl.gz", gzipSync(TEXT)],
    ["a.jsonl.zst", zstdCompressSync(TEXT)],
    ["a.jsonl", `\ufeff\n${TEXT}`],
    ["a.jsonl", `{"a":"${"x".repeat(2_000_000)}"}\n{}\n`],
    ["a.json", `{"a":"${"x".repeat(80_000)}"}\n{"a":1}\n`],
    ["a.json.gz", gzipSync(Array.from({ length: 40_000 }, (_, id) => `{"id":${id * 7919}}\n`).join(""))],
    ["a.json.zst", zstdCompressSync(Array.from({ length: 90_000 }, (_, id) => `{"id":${id * 7919}}\n`).join(""))],
    ["a.json", LARGE],
  ])("is a shard of its own: %s", async (name, content) => {
    expect(await planned({ [name]: content })).toEqual([["jsonl", name]])
  })

  it.each([
    ["no second line", { "a.jsonl": '{"a":1}\n' }],
    ["nothing in it", { "a.jsonl": "" }],
    ["one object over several lines", { "a.jsonl": '{\n "a": 1\n}\n' }],
    ["words in it", { "a.jsonl": "one\ntwo\n" }],
    ["a list of words", { "a.json": JSON.stringify(["x".repeat(70_000), "b"]) }],
    ["one long object", { "a.json": JSON.stringify({ text: "x".repeat(2_000_000) }) }],
    ["a small array", { "a.json": '[{"a":1},{"a":2}]' }],
    ["a table's name", { "metadata.jsonl": '{"file_name":"1.jpg"}\n{"file_name":"2.jpg"}\n' }],
    ["a picture beside it", { "1.jsonl": TEXT, "1.jpg": "a" }],
    ["a picture of which it has the name beside it", { "1.jpg.json": LARGE, "1.jpg": "a" }],
    [
      "damaged compression",
      { "a.json.gz": Buffer.concat([Buffer.from("\x1f\x8b\x08", "latin1"), Buffer.alloc(70_000)]) },
    ],
  ])("stays a plain file with %s", async (_, files) => {
    expect((await planned(files)).map(([kind]) => kind)).toEqual(["files"])
  })

  it("stays the sidecar of a shard and the index of shards", async () => {
    const shard = plainTar({ "1.jpg": "x" })
    expect(await planned({ "0.tar": shard, "0_stats.json": LARGE, "0.tar.json": LARGE, "index.json": LARGE })).toEqual([
      ["tar", "0.tar", "0.tar.json", "0_stats.json"],
      ["files", "last"],
    ])
  })

  it("has a sample for each line, with the files that the line carries", async () => {
    for (const [name, content] of [
      ["a.jsonl.gz", gzipSync(TEXT)],
      ["a.jsonl.zst", zstdCompressSync(TEXT)],
    ] as const) {
      const samples = await readBytes(name, content)
      expect(outline(samples)).toEqual([
        ["line 1", "line 1"],
        ["line 2", "line 2", "line 2!/image"],
        ["line 3", "line 3"],
      ])
      expect(itemsOf(samples).map((item) => bytesOf(item).toString("latin1"))).toEqual([
        LINES[0],
        LINES[1],
        PICTURE.toString("latin1"),
        LINES[2],
      ])
      expect(itemsOf(samples).map(({ depth }) => depth)).toEqual([0, 0, 1, 0])
    }
  })

  it("is read as ranges of a plain file", async () => {
    using folder = temporaryFolder()
    const { root, shard } = await shardOf(folder.write("a.jsonl", `\r\n${TEXT}`))
    const items = itemsOf(await readShard(root, shard))
    expect(items.map(({ source }) => source.kind)).toEqual(["range", "range", "bytes", "range"])
    expect(items.map((item) => bytesOf(item).toString("latin1"))).toEqual([
      LINES[0],
      LINES[1],
      PICTURE.toString("latin1"),
      LINES[2],
    ])
    expect(items.map(({ place }) => place)).toEqual(["line 2", "line 3", "line 3!/image", "line 4"])
  })

  it("says where its lines come from", async () => {
    const text = [
      '{"url":"https://a.example/1","md5":"00ff","text":"a"}',
      '{"metadata":{"url":"https://b.example/\\u0031"},"license":"CC0-1.0"}',
      '{"deep":{"er":{"url":"https://c.example/"}}}',
      '{"text":"a"}',
    ].join("\n")
    expect((await readBytes("a.jsonl", Buffer.from(text))).map(({ origins }) => origins)).toEqual([
      [{ url: "https://a.example/1", md5: "00ff" }],
      [{ url: "https://b.example/1", license: "CC0-1.0" }],
      [{ url: "https://c.example/" }],
      undefined,
    ])
  })

  it("opens archives that a line carries", async () => {
    const inner = plainTar({ "1.txt": "x" }).toString("base64")
    const samples = await readBytes("a.jsonl", Buffer.from(`{"a":"data:application/x-tar;base64,${inner}"}\n{}\n`))
    expect(itemsOf(samples).map(({ place, depth, opened }) => [place, depth, opened])).toEqual([
      ["line 1", 0, undefined],
      ["line 1!/a", 1, true],
      ["line 1!/a!/1.txt", 2, undefined],
      ["line 2", 0, undefined],
    ])
  })
})

describe("a file of more lines than a shard may have items", () => {
  const row = (id: number) => JSON.stringify({ id, md5: String(id).padStart(32, "0"), image: URL_OF_PICTURE })
  const rows = Array.from({ length: 23 }, (_, id) => row(id))
  const limits = { items: 20 }

  it("has several lines in each item, with all that they carry and state", async () => {
    for (const [name, pack] of [
      ["a.jsonl", (text: string) => Buffer.from(text)],
      ["a.jsonl.gz", gzipSync],
    ] as const) {
      using folder = temporaryFolder()
      const { root, shard } = await shardOf(folder.write(name, pack(`\n${rows.join("\r\n")}`)))
      const samples = await readShard(root, shard, { items: 46 })
      expect(samples.map(({ items, origins }) => [items.length, origins?.length])).toEqual([
        [2, 1],
        ...Array.from({ length: 22 }, () => [2, 1]),
      ])
      const grouped = await readShard(root, shard, { ...limits, items: 40 })
      expect(grouped.map(({ items, origins }) => [items.length, origins?.length])).toEqual([
        ...Array.from({ length: 11 }, () => [3, 2]),
        [2, 1],
      ])
      expect(bytesOf(grouped[0]!.items[0]!).toString()).toBe(`${rows[0]}\r\n${rows[1]}`)
      expect(grouped[1]!.items.map(({ place }) => place)).toEqual(["line 4", "line 4!/0.image", "line 4!/1.image"])
    }
  })

  it("loses the item of a withheld line, and nothing else", async () => {
    const text = `\ufeff${rows.join("\n")}\n`
    for (const [name, pack, unpack] of [
      ["a.jsonl", (bytes: Buffer) => bytes, (bytes: Buffer) => bytes],
      ["a.jsonl.zst", zstdCompressSync, zstdDecompressSync],
    ] as const) {
      for (const mode of ["clean", "purge"] as const) {
        using made = await datasetOf({ [name]: pack(Buffer.from(text)) })
        const { root, shards } = made.plan
        const choices = { mode, limits: { items: 40 } } as const
        await copyShard(root, shards[0]!, made.out, choices)
        expect(filesBelow(made.out)[name]).toEqual(pack(Buffer.from(text)))
        await copyShard(root, shards[0]!, made.out, { ...choices, isClear: ({ sample }) => sample !== 3 })
        const left = `\ufeff${[...rows.slice(0, 6), ...rows.slice(8)].join("\n")}\n`
        expect(unpack(filesBelow(made.out)[name]!).toString()).toBe(left)
      }
    }
  })

  it("is inconclusive for an item with a line that cannot be read", async () => {
    const text = rows.with(4, '{"id":').join("\n")
    const samples = await readBytes("a.jsonl.gz", gzipSync(text), { items: 44 })
    expect(samples.map(({ items }) => items[0]?.refused).indexOf("archive_malformed")).toBe(2)
  })
})

describe("a line that cannot be read", () => {
  const refusals = async (line: string | Buffer, limits = {}) => {
    const content = Buffer.concat([Buffer.from('{"a":1}\n'), Buffer.from(line as string), Buffer.from('\n{"b":2}\n')])
    const of = async (name: string, bytes: Buffer) =>
      itemsOf(await readBytes(name, bytes, limits))
        .filter(({ depth }) => depth === 0)
        .map(({ refused, unread }) => (unread ? `${refused} unread` : refused))
    const packed = await of("a.jsonl.gz", gzipSync(content))
    return { plain: await of("a.jsonl", content), packed }
  }
  const only = (cause: string) => ({ plain: [undefined, cause, undefined], packed: [undefined, cause, undefined] })

  it.each([
    ["is cut short", '{"a":'],
    ["is no JSON", "hello"],
    ["holds two values", '{"a":1}{"b":2}'],
    ["is not UTF-8", Buffer.from('{"a":"\xff"}', "latin1")],
    ["holds a control character", '{"a":"\u0001"}'],
  ])("is inconclusive where it %s", async (_, line) => {
    expect(await refusals(line)).toEqual(only("archive_malformed"))
  })

  it("is inconclusive where it is nested a million levels deep", async () => {
    expect(await refusals(`${"[".repeat(1e6)}${"]".repeat(1e6)}`)).toEqual(only("archive_limit"))
  })

  it("is inconclusive where it is longer than may be held", async () => {
    expect(await refusals(`{"a":"${"x".repeat(5_000)}"}`, { itemBytes: 2_000 })).toEqual({
      plain: [undefined, "byte_limit", undefined],
      packed: [undefined, "byte_limit unread", undefined],
    })
  })

  it("is inconclusive where it carries too many or too large files", async () => {
    const line = JSON.stringify(Array.from({ length: 20 }, () => URL_OF_PICTURE))
    expect(await refusals(line, { nestedItems: 10 })).toEqual(only("archive_limit"))
    expect(await refusals(line, { nestedBytes: 1_000 })).toEqual(only("archive_limit"))
    expect(await refusals(line)).toEqual({
      plain: [undefined, undefined, undefined],
      packed: [undefined, undefined, undefined],
    })
  })

  it("is inconclusive where it carries an archive that cannot be opened", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000)).toString("base64")
    expect(await refusals(`{"a":"data:;base64,${bomb}"}`)).toEqual(only("archive_limit"))
  })
})

describe("a compressed file of JSON records", () => {
  const skippable = Buffer.concat([Buffer.from([0x51, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from("hide")])
  const lines = async (name: string, bytes: Buffer) => (await readBytes(name, bytes)).length

  it("is read to its end through all members and frames", async () => {
    expect(await lines("a.jsonl.gz", Buffer.concat([gzipSync(TEXT), gzipSync(TEXT)]))).toBe(6)
    expect(await lines("a.jsonl.zst", Buffer.concat([zstdCompressSync(TEXT), skippable, zstdCompressSync(TEXT)]))).toBe(
      6,
    )
  })

  it.each([
    ["a.jsonl.gz", gzipSync(TEXT).subarray(0, -9)],
    ["a.jsonl.gz", Buffer.concat([gzipSync(TEXT), Buffer.from("more")])],
    ["a.jsonl.gz", Buffer.concat([gzipSync(TEXT), Buffer.alloc(16)])],
    ["a.jsonl.gz", Buffer.concat([gzipSync(TEXT).subarray(0, -4), Buffer.from([1, 2, 3, 4])])],
    ["a.jsonl.zst", zstdCompressSync(TEXT).subarray(0, -1)],
    ["a.jsonl.zst", Buffer.concat([zstdCompressSync(TEXT), Buffer.from("more data")])],
    ["a.jsonl.zst", Buffer.concat([zstdCompressSync(TEXT), skippable.subarray(0, -1)])],
  ])("is set aside if it is damaged: %s", async (name, bytes) => {
    await expect(lines(name, bytes)).rejects.toMatchObject({ code: "shard_malformed" })
  })

  it.each([
    ["a.jsonl.gz", gzipSync],
    ["a.jsonl.zst", zstdCompressSync],
  ] as const)("is set aside if it inflates without end: %s", async (name, pack) => {
    await expect(lines(name, pack(`${TEXT}${" ".repeat(60_000_000)}`))).rejects.toMatchObject({ code: "shard_bomb" })
  })
})

describe("the copy of a file of JSON records", () => {
  const array = JSON.stringify(
    LINES.map((line) => ({ ...(JSON.parse(line) as object), filling: "x".repeat(30_000) })),
    null,
    1,
  )
  const arrayWithout = (() => {
    const [first, , third] = JSON.parse(array) as unknown[]
    return JSON.stringify([first, third], null, 1)
  })()
  const left = TEXT.replace(`${LINES[1]}\n`, "")
  const same = (bytes: Buffer) => bytes
  const cases = [
    ["a.jsonl", TEXT, left, same, same],
    ["a.jsonl", TEXT.trimEnd(), left.trimEnd(), same, same],
    ["a.jsonl.gz", TEXT, left, gzipSync, gunzipSync],
    ["a.jsonl.zst", TEXT, left, zstdCompressSync, zstdDecompressSync],
    ["a.json", array, arrayWithout, same, same],
    ["a.json.gz", array.repeat(1), arrayWithout, (bytes: Buffer) => gzipSync(bytes, { level: 0 }), gunzipSync],
  ] as const

  it.each(cases)("loses only what is withheld: %s", async (name, text, expected, pack, unpack) => {
    for (const mode of ["clean", "purge"] as const) {
      using made = await datasetOf({ [name]: pack(Buffer.from(text)) })
      const { root, shards } = made.plan
      const second = (item: { readonly sample: number }) => item.sample !== 1
      const first = await copyShard(root, shards[0]!, made.out, { isClear: second, mode })
      const copy = filesBelow(made.out)[name]!
      expect(unpack(copy).toString()).toBe(expected)
      expect(first).toMatchObject({ itemsWritten: 2, itemsDropped: 1, samplesDropped: 1, outputSha256: sha256(copy) })
      await copyShard(root, shards[0]!, made.out, { isClear: second, mode })
      expect(filesBelow(made.out)[name]).toEqual(copy)
    }
  })

  it.each(cases)("is byte-identical where nothing is dropped: %s", async (name, text, _, pack) => {
    for (const mode of ["clean", "purge"] as const) {
      const bytes = pack(Buffer.from(text))
      using made = await datasetOf({ [name]: bytes })
      await copyShard(made.plan.root, made.plan.shards[0]!, made.out, { mode })
      expect(filesBelow(made.out)[name]).toEqual(bytes)
    }
  })

  it("of several members is byte-identical too, unless a header or frame holds something else", async () => {
    const members = Buffer.concat([gzipSync(TEXT), gzipSync(TEXT, { level: 1 })])
    const frames = Buffer.concat([zstdCompressSync(TEXT), zstdCompressSync(TEXT)])
    const hidden = Buffer.concat([frames, Buffer.from([0x51, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from("hide")])
    const comment = Buffer.concat([
      Buffer.from(gzipSync(TEXT).subarray(0, 10)),
      Buffer.from("hide\0"),
      gzipSync(TEXT).subarray(10),
    ])
    comment[3] = 16
    using made = await datasetOf({
      "a.jsonl.gz": members,
      "b.jsonl.zst": frames,
      "c.jsonl.zst": hidden,
      "d.jsonl.gz": comment,
    })
    await copyDataset(made.plan, made.out)
    const copy = filesBelow(made.out)
    expect(copy["a.jsonl.gz"]).toEqual(members)
    expect(copy["b.jsonl.zst"]).toEqual(frames)
    expect(zstdDecompressSync(copy["c.jsonl.zst"]!).toString()).toBe(TEXT + TEXT)
    expect(gunzipSync(copy["d.jsonl.gz"]!).toString()).toBe(TEXT)
    expect(Buffer.concat([copy["c.jsonl.zst"]!, copy["d.jsonl.gz"]!]).includes("hide")).toBe(false)
  })

  it("keeps in a purge a line that could not be held", async () => {
    const long = `{"a":"${"x".repeat(5_000)}"}`
    using made = await datasetOf({ "a.jsonl.gz": gzipSync(`${long}\n${TEXT}`) })
    const choices = { mode: "purge", isClear: allBut("line 2"), limits: { itemBytes: 2_000 } } as const
    await copyShard(made.plan.root, made.plan.shards[0]!, made.out, choices)
    expect(gunzipSync(filesBelow(made.out)["a.jsonl.gz"]!).toString()).toBe(`${long}\n${LINES.slice(1).join("\n")}\n`)
  })

  it("stops if a line changed after it was screened", async () => {
    using made = await datasetOf({ "a.jsonl": TEXT })
    const { root, shards } = made.plan
    const wrong = async () => copyShard(root, shards[0]!, made.out, { isClear: () => true })
    const [listed] = shards
    expect(listed?.sizeBytes).toBe(Buffer.byteLength(TEXT))
    made.folder.write("in/a.jsonl", TEXT.replace("one", "two"))
    await expect(wrong()).rejects.toMatchObject({ code: "source_changed" })
    expect(Object.keys(filesBelow(made.out))).toEqual([])
  })
})
