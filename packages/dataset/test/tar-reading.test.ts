import { gzipSync } from "node:zlib"
import {
  bytesOf,
  itemsOf,
  longName,
  outline,
  padded,
  paxHeader,
  plainTar,
  readBytes,
  tar,
  tarHeader,
  tarMember,
} from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { pack } from "tar-stream"
import { describe, expect, it } from "vitest"
import { readTarEntries } from "../src/containers/tar/entries.ts"
import { randomTarInput } from "../src/containers/tar/input.ts"
import { DEFAULT_READER_LIMITS } from "../src/readers/limits.ts"
import { bytesSource, type RandomSource } from "../src/readers/source.ts"

describe("samples of a tar", () => {
  it("group consecutive members by key", async () => {
    const samples = await readBytes("s.tar", plainTar({ "1.jpg": "a", "1.json": "b", "1.txt": "c", "2.jpg": "d" }))
    expect(outline(samples)).toEqual([
      ["1", "1.jpg", "1.json", "1.txt"],
      ["2", "2.jpg"],
    ])
    expect(itemsOf(samples).map((item) => [item.ordinal, item.sample])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
    ])
  })

  it("begin anew when a key comes back", async () => {
    const samples = await readBytes("s.tar", tar(tarMember("1.jpg"), tarMember("2.jpg"), tarMember("1.txt")))
    expect(outline(samples)).toEqual([
      ["1", "1.jpg"],
      ["2", "2.jpg"],
      ["1", "1.txt"],
    ])
  })

  it("have a long name, though its first hundred bytes look like a folder's", async () => {
    const name = `${"x".repeat(99)}/${"y".repeat(180)}.jpg`
    const cut = name.slice(0, 100)
    for (const header of [paxHeader({ path: name }), longName(name)]) {
      const samples = await readBytes("s.tar", tar(header, tarMember(cut, "picture"), tarMember("2.jpg", "b")))
      expect(itemsOf(samples).map((item) => [item.place, item.sizeBytes, item.refused])).toEqual([
        [name, 7, undefined],
        ["2.jpg", 1, undefined],
      ])
    }
  })

  it("keep the folder in the key", async () => {
    const samples = await readBytes("s.tar", plainTar({ "train/1.jpg": "a", "val/1.jpg": "b" }))
    expect(outline(samples).map(([key]) => key)).toEqual(["train/1", "val/1"])
  })

  it("include members that loaders skip, without ending the sample around them", async () => {
    const samples = await readBytes(
      "s.tar",
      tar(
        tarMember("1.jpg"),
        tarMember("README"),
        tarMember("__meta__"),
        tarHeader({ name: "d/", type: "5" }),
        tarMember("1.txt"),
      ),
    )
    const byOrdinal = [...samples].sort((a, b) => a.ordinal - b.ordinal)
    expect(outline(byOrdinal)).toEqual([
      ["1", "1.jpg", "1.txt"],
      ["README", "README"],
      ["__meta__", "__meta__"],
    ])
    expect(byOrdinal.map(({ items }) => [items[0]?.role, items[0]?.skippedByLoaders])).toEqual([
      ["member", undefined],
      ["member", true],
      ["metadata", true],
    ])
  })

  it("flag a second member with the same key and extension, whatever its case", async () => {
    const items = itemsOf(await readBytes("s.tar", tar(tarMember("1.jpg"), tarMember("1.JPG"), tarMember("1.txt"))))
    expect(items.map(({ duplicate }) => duplicate)).toEqual([undefined, true, undefined])
  })

  it("have each member as a range of the shard", async () => {
    const [item] = itemsOf(await readBytes("s.tar", plainTar({ "1.jpg": "hello" })))
    expect(item?.source).toMatchObject({ kind: "range", offset: 512, length: 5 })
  })

  it("have a gzipped tar's members as bytes, grouped alike", async () => {
    const bytes = plainTar({ "1.jpg": "a", "1.txt": "bb", "2.jpg": "" })
    const plain = await readBytes("s.tar", bytes)
    const zipped = await readBytes("s.tar.gz", gzipSync(bytes))
    expect(outline(zipped)).toEqual(outline(plain))
    expect(itemsOf(zipped).map((item) => bytesOf(item).toString())).toEqual(["a", "bb", ""])
  })

  it("are found by reading only the first block of a member's data", async () => {
    const bytes = tar(...Array.from({ length: 200 }, (_, index) => tarMember(`${index}.jpg`, new Uint8Array(100_000))))
    let read = 0
    const inner = bytesSource(bytes)
    const counted: RandomSource = {
      sizeBytes: inner.sizeBytes,
      read: (offset, length) => {
        const part = inner.read(offset, length)
        read += part.length
        return part
      },
    }
    let members = 0
    for await (const _ of readTarEntries(randomTarInput(counted), DEFAULT_READER_LIMITS)) members++
    expect(members).toBe(201)
    expect(read).toBeLessThanOrEqual(201 * 1024 + 1024)
  })
})

describe("names and sizes of tar members", () => {
  const nameOf = async (...parts: readonly Uint8Array[]) => itemsOf(await readBytes("s.tar", tar(...parts)))[0]?.place
  const long = `${"d".repeat(120)}/${"n".repeat(120)}.jpg`

  it("joins a USTAR prefix", async () => {
    expect(await nameOf(tarMember("b.jpg", "x", { prefix: "a/long/path" }))).toBe("a/long/path/b.jpg")
  })

  it("reads a pax path", async () => {
    expect(await nameOf(paxHeader({ path: long, mtime: "1.5" }), tarMember("short"))).toBe(long)
  })

  it("reads a GNU long name, and passes over a long link", async () => {
    expect(await nameOf(longName("target", "K"), longName(long), tarMember("short"))).toBe(long)
  })

  it("reads a pax size and a base-256 size", async () => {
    const body = padded(Buffer.from("hello"))
    const base256 = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5])
    const items = itemsOf(
      await readBytes(
        "s.tar",
        tar(
          paxHeader({ size: "5" }),
          tarHeader({ name: "1.jpg", size: 0 }),
          body,
          tarHeader({ name: "2.jpg", size: base256 }),
          body,
        ),
      ),
    )
    expect(items.map(({ place, sizeBytes }) => [place, sizeBytes])).toEqual([
      ["1.jpg", 5],
      ["2.jpg", 5],
    ])
  })

  it("keeps names apart that differ only in bytes which are not UTF-8", async () => {
    const samples = await readBytes(
      "s.tar",
      tar(tarMember(Buffer.from([0xff, 0x2e, 0x61])), tarMember(Buffer.from([0xfe, 0x2e, 0x61]))),
    )
    expect(samples).toHaveLength(2)
    expect(samples[0]?.key).not.toBe(samples[1]?.key)
  })

  it.each(["\u{feff}a.jpg", "a\r\nb.jpg", "=cmd.jpg", "\u001b[31m.jpg", "<script>.jpg", "\ufffe.jpg"])(
    "takes the name %j as it is",
    async (name) => {
      const [item] = itemsOf(await readBytes("s.tar", tar(tarMember(name))))
      expect(item?.place).toBe(name)
      expect(item?.refused).toBeUndefined()
    },
  )

  it("reads what tar-stream writes", async () => {
    const name = fc
      .array(fc.constantFrom("a", "B", "ß", "-", "1"), { minLength: 1, maxLength: 180 })
      .map((c) => c.join(""))
    const member = fc.record({ name, content: fc.uint8Array({ maxLength: 2_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 8 }), async (members) => {
        const packer = pack()
        for (const [index, one] of members.entries())
          packer.entry({ name: `${index}/${one.name}.jpg` }, Buffer.from(one.content))
        packer.finalize()
        const parts: Buffer[] = []
        for await (const part of packer) parts.push(part as Buffer)
        const items = itemsOf(await readBytes("s.tar.gz", gzipSync(Buffer.concat(parts))))
        expect(items.map((item) => [item.place, new Uint8Array(bytesOf(item))])).toEqual(
          members.map((one, index) => [`${index}/${one.name}.jpg`, new Uint8Array(one.content)]),
        )
      }),
      { numRuns: 40 },
    )
  })
})
