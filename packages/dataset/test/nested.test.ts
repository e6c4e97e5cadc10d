import { gzipSync } from "node:zlib"
import {
  bytesOf,
  itemsOf,
  outline,
  padded,
  plainTar,
  plan,
  readBytes,
  readShard,
  tar,
  tarHeader,
  temporaryFolder,
  zip,
} from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import type { Item } from "../src/readers/types.ts"

const summary = (items: readonly Item[]) =>
  items.map(({ place, depth, opened, refused }) => [place, depth, opened === true ? "opened" : refused])

describe("archives inside an item", () => {
  it("are opened by content (zip, tar and gzip), each member after its container", async () => {
    const inner = await zip([{ name: "x.jpg", content: "picture" }])
    const samples = await readBytes(
      "s.tar",
      plainTar({ "1.bin": inner, "2.dat": plainTar({ "y.jpg": "other" }), "3.json.gz": gzipSync("{}") }),
    )
    expect(summary(itemsOf(samples))).toEqual([
      ["1.bin", 0, "opened"],
      ["1.bin!/x.jpg", 1, undefined],
      ["2.dat", 0, "opened"],
      ["2.dat!/y.jpg", 1, undefined],
      ["3.json.gz", 0, "opened"],
      ["3.json.gz!/3.json", 1, undefined],
    ])
    expect(itemsOf(samples).map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4, 5])
    expect(
      itemsOf(samples)
        .filter(({ depth }) => depth > 0)
        .map((item) => bytesOf(item).toString()),
    ).toEqual(["picture", "other", "{}"])
  })

  it("belong to their container's sample", async () => {
    const samples = await readBytes(
      "s.tar",
      plainTar({ "1.zip": await zip([{ name: "x.jpg", content: "p" }]), "1.jpg": "q" }),
    )
    expect(outline(samples)).toEqual([["1", "1.zip", "1.zip!/x.jpg", "1.jpg"]])
  })

  it("are opened among plain files, in zips and in gzipped tars", async () => {
    const inner = gzipSync(plainTar({ "x.jpg": "picture" }))
    const expected = ["in.bin!/in.bin", "in.bin!/in.bin!/x.jpg"]
    using folder = temporaryFolder()
    folder.write("in.bin", gzipSync("not a tar"))
    const { root, shards } = await plan(folder.path)
    expect(summary(itemsOf(await readShard(root, shards[0]!)))).toEqual([
      ["in.bin", 0, "opened"],
      ["in.bin!/in.bin", 1, undefined],
    ])
    const inZip = itemsOf(await readBytes("s.zip", await zip([{ name: "in.bin", content: inner }])))
    expect(inZip.slice(1).map(({ place }) => place)).toEqual(expected)
    const inTar = itemsOf(await readBytes("s.tar.gz", gzipSync(plainTar({ "in.bin": inner }))))
    expect(inTar.slice(1).map(({ place }) => place)).toEqual(expected)
  })

  it("include NumPy's npz, which is opened like any other zip", async () => {
    const npz = await zip([
      { name: "emb.npy", content: "numbers" },
      { name: "keys.npy", content: "more", isStored: true },
    ])
    expect(summary(itemsOf(await readBytes("s.tar", plainTar({ "1.npz": npz }))))).toEqual([
      ["1.npz", 0, "opened"],
      ["1.npz!/emb.npy", 1, undefined],
      ["1.npz!/keys.npy", 1, undefined],
    ])
  })
})

describe("limits of archives inside an item", () => {
  async function deep(levels: number): Promise<Buffer> {
    let bytes: Buffer = Buffer.from("picture")
    for (let index = 0; index < levels; index++) bytes = await zip([{ name: `${index}.bin`, content: bytes }])
    return bytes
  }

  it("allow four levels and refuse the fifth, with everything around it", async () => {
    const four = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": await deep(4) })))
    expect(four.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4])
    expect(four.some(({ refused }) => refused !== undefined)).toBe(false)
    const five = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": await deep(5) })))
    expect(five.map(({ refused }) => refused)).toEqual(Array(5).fill("archive_limit"))
  })

  it("refuse an archive with too many members", async () => {
    const many = plainTar(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.jpg`, "x"])))
    const items = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": many, "2.jpg": "ok" }), { nestedItems: 10 }))
    expect(items[0]?.refused).toBe("archive_limit")
    expect(items.at(-1)).toMatchObject({ place: "2.jpg" })
    expect(items.at(-1)?.refused).toBeUndefined()
  })

  it("refuse an archive that inflates beyond the limit of bytes", async () => {
    const inner = await zip([
      { name: "1.jpg", content: "x".repeat(700) },
      { name: "2.jpg", content: "y".repeat(700) },
    ])
    expect(itemsOf(await readBytes("s.tar", plainTar({ "1.bin": inner }), { nestedBytes: 1_000 }))[0]?.refused).toBe(
      "archive_limit",
    )
  })

  it.each([
    ["zip", async () => zip([{ name: "1.jpg", content: Buffer.alloc(2 ** 24) }])],
    ["gzip", async () => gzipSync(Buffer.alloc(2 ** 24))],
    ["gzip in a gzip", async () => gzipSync(gzipSync(Buffer.alloc(2 ** 24)))],
  ])("refuse a %s bomb without inflating it", async (_, make) => {
    const items = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": await make() })))
    expect(items[0]?.refused).toBe("archive_limit")
    const held = items.map(({ source }) => (source.kind === "bytes" ? source.bytes.length : 0))
    expect(Math.max(...held)).toBeLessThan(2 ** 20)
  })

  it.each([
    ["cut zip", async () => (await zip([{ name: "1.jpg", content: "x" }])).subarray(0, 50)],
    ["cut gzip", async () => gzipSync("x".repeat(1_000)).subarray(0, 20)],
    ["cut tar", async () => Buffer.concat([tarHeader({ size: 5_000 }), padded(Buffer.from("x"))])],
    [
      "zip with bytes of no entry",
      async () => {
        const bytes = await zip([{ name: "1.jpg", content: "x" }], "a comment that may be anything ".repeat(10))
        return bytes
      },
    ],
  ])("refuse a %s, and keep its bytes to be matched", async (_, make) => {
    const bytes = await make()
    const [item] = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": bytes })))
    expect(item?.refused).toBe("archive_malformed")
    expect(item?.source).toMatchObject({ kind: "range", length: bytes.length })
  })

  it("refuse a container with an encrypted member", async () => {
    const bytes = await zip([{ name: "1.jpg", content: "x" }])
    const central = bytes.lastIndexOf("1.jpg") - 46
    bytes.writeUInt16LE(bytes.readUInt16LE(central + 8) | 1, central + 8)
    const items = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": bytes })))
    expect(items.map(({ refused }) => refused)).toEqual(["archive_encrypted", "archive_encrypted"])
  })

  it("refuse names inside that would leave the archive", async () => {
    const items = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": plainTar({ "../x.jpg": "x" }) })))
    expect(items[1]?.refused).toBe("name_unsafe")
  })

  it("do not hold an archive beyond the limit of one item", async () => {
    const inner = tar(padded(tarHeader({ name: "x.jpg", size: 3_000 })), Buffer.alloc(3_072))
    const [item] = itemsOf(await readBytes("s.tar", plainTar({ "1.bin": inner }), { itemBytes: 2_000 }))
    expect(item).toMatchObject({ refused: "archive_limit", source: { kind: "range" } })
  })
})
