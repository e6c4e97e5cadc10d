import { gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import {
  bytesOf,
  filesBelow,
  itemsOf,
  membersOf,
  outline,
  plainTar,
  readBytes,
  tarMember,
} from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { allBut, copyShard, datasetOf } from "./support/copying.ts"

const TAR = plainTar({ "1.jpg": "one", "1.txt": "caption", "2.jpg": "two" })

describe("a tar compressed by zstd", () => {
  it.each(["s.tar.zst", "s.tzst", "s.zst", "s"])("is read as a shard: %s", async (name) => {
    const samples = await readBytes(name, zstdCompressSync(TAR))
    expect(outline(samples)).toEqual([
      ["1", "1.jpg", "1.txt"],
      ["2", "2.jpg"],
    ])
    expect(itemsOf(samples).map((item) => bytesOf(item).toString())).toEqual(["one", "caption", "two"])
  })

  it("loses what is withheld, and is byte-identical where nothing is", async () => {
    const bytes = Buffer.concat([zstdCompressSync(TAR.subarray(0, 700)), zstdCompressSync(TAR.subarray(700))])
    using made = await datasetOf({ "s.tar.zst": bytes })
    const { root, shards } = made.plan
    for (const mode of ["clean", "purge"] as const) {
      await copyShard(root, shards[0]!, made.out, { mode })
      expect(filesBelow(made.out)["s.tar.zst"]).toEqual(bytes)
      await copyShard(root, shards[0]!, made.out, { mode, isClear: allBut("1.jpg") })
      const copy = zstdDecompressSync(filesBelow(made.out)["s.tar.zst"]!)
      expect(copy.subarray(0, 1024)).toEqual(tarMember("2.jpg", "two"))
      expect(await membersOf(copy)).toEqual([["2.jpg", Buffer.from("two")]])
    }
  })

  it("is set aside if it is damaged or inflates without end", async () => {
    const bytes = zstdCompressSync(TAR)
    await expect(readBytes("s.tar.zst", bytes.subarray(0, -3))).rejects.toMatchObject({ code: "shard_malformed" })
    await expect(readBytes("s.tar.zst", Buffer.from("no frame"))).rejects.toMatchObject({ code: "shard_malformed" })
    const bomb = zstdCompressSync(plainTar({ "1.jpg": Buffer.alloc(60_000_000) }))
    await expect(readBytes("s.tar.zst", bomb)).rejects.toMatchObject({ code: "shard_bomb" })
  })
})

describe("a text compressed by itself", () => {
  it.each([
    ["a.txt.gz", gzipSync],
    ["a.txt.zst", zstdCompressSync],
  ] as const)("is opened, and the text in it screened: %s", async (name, pack) => {
    const [sample] = await readBytes(name, pack("some words"))
    expect(sample?.items.map(({ place, depth, opened }) => [place, depth, opened])).toEqual([
      [name, 0, true],
      [`${name}!/a.txt`, 1, undefined],
    ])
    expect(bytesOf(sample!.items[1]!).toString()).toBe("some words")
  })

  it("of several frames is opened to its end", async () => {
    const bytes = Buffer.concat([zstdCompressSync("some "), zstdCompressSync("words")])
    const [sample] = await readBytes("a.txt.zst", bytes)
    expect(bytesOf(sample!.items[1]!).toString()).toBe("some words")
  })

  it.each([
    ["archive_malformed", zstdCompressSync("some words").subarray(0, -2)],
    ["archive_malformed", Buffer.concat([zstdCompressSync("some words"), Buffer.from("and more")])],
    ["archive_limit", zstdCompressSync(Buffer.alloc(30_000_000, "words "))],
    ["archive_limit", zstdCompressSync(zstdCompressSync(zstdCompressSync(zstdCompressSync(zstdCompressSync("deep")))))],
  ])("is inconclusive (%s) if it cannot be opened whole", async (cause, bytes) => {
    const [sample] = await readBytes("a.txt.zst", bytes)
    expect(sample?.items[0]).toMatchObject({ refused: cause })
  })
})
