import { crc32, deflateRawSync } from "node:zlib"
import { bytesOf, itemsOf, outline, readBytes, zip } from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"

const failing = (code: string) => expect.objectContaining({ name: "ShardError", code })

/** Offset of the central directory's record of an entry, and of its local header. */
function recordsOf(bytes: Buffer, name: string): { readonly central: number; readonly local: number } {
  const central = bytes.lastIndexOf(name) - 46
  return { central, local: bytes.readUInt32LE(central + 42) }
}

/** A zip with bytes of one entry's directory record changed. */
async function patchedZip(name: string, patch: (bytes: Buffer, offset: { central: number; local: number }) => void) {
  const bytes = await zip([
    { name: "1.jpg", content: "hello hello hello hello" },
    { name: "2.jpg", content: "other" },
  ])
  patch(bytes, recordsOf(bytes, name))
  return bytes
}

describe("samples of a zip", () => {
  it("group pictures with their sidecars by folder and stem", async () => {
    const samples = await readBytes(
      "s.zip",
      await zip([
        { name: "a/1.jpg", content: "p" },
        { name: "a/2.jpg", content: "q" },
        { name: "a/1.txt", content: "caption" },
        { name: "b/1.json", content: "{}" },
        { name: "a/2.jpg.json", content: "{}" },
      ]),
    )
    expect(outline(samples)).toEqual([
      ["a/1", "a/1.jpg", "a/1.txt"],
      ["a/2", "a/2.jpg", "a/2.jpg.json"],
      ["b/1.json", "b/1.json"],
    ])
  })

  it("have stored entries as ranges and deflated ones as bytes", async () => {
    const items = itemsOf(
      await readBytes(
        "s.zip",
        await zip([
          { name: "1.jpg", content: "stored", isStored: true },
          { name: "2.jpg", content: "deflated" },
        ]),
      ),
    )
    expect(items.map(({ source }) => source.kind)).toEqual(["range", "bytes"])
    expect(bytesOf(items[1]!).toString()).toBe("deflated")
  })

  it("are none for an empty zip", async () => {
    expect(await readBytes("s.zip", await zip([]))).toEqual([])
  })

  it("do not include folders", async () => {
    const samples = await readBytes(
      "s.zip",
      await zip([
        { name: "a/", content: "" },
        { name: "a/1.jpg", content: "x" },
      ]),
    )
    expect(outline(samples)).toEqual([["a/1", "a/1.jpg"]])
  })
})

describe("a zip with hostile entries", () => {
  it.each([
    [
      "encrypted",
      "archive_encrypted",
      (bytes: Buffer, offset: number) => bytes.writeUInt16LE(bytes.readUInt16LE(offset + 8) | 1, offset + 8),
    ],
    [
      "compressed in a way nobody reads",
      "media_unsupported",
      (bytes: Buffer, offset: number) => bytes.writeUInt16LE(14, offset + 10),
    ],
    [
      "with another checksum",
      "archive_malformed",
      (bytes: Buffer, offset: number) => bytes.writeUInt32LE(1, offset + 16),
    ],
    [
      "larger than it declares",
      "archive_malformed",
      (bytes: Buffer, offset: number) => bytes.writeUInt32LE(3, offset + 24),
    ],
    [
      "smaller than it declares",
      "archive_malformed",
      (bytes: Buffer, offset: number) => bytes.writeUInt32LE(100, offset + 24),
    ],
  ])("has an entry that is %s refused and the others read", async (_, refused, patch) => {
    const bytes = await patchedZip("1.jpg", (whole, { central }) => patch(whole, central))
    const items = itemsOf(await readBytes("s.zip", bytes))
    expect(items.map((item) => [item.place, item.refused, item.unread])).toEqual([
      ["1.jpg", refused, true],
      ["2.jpg", undefined, undefined],
    ])
  })

  it("refuses a symbolic link", async () => {
    const [item] = itemsOf(
      await readBytes("s.zip", await zip([{ name: "1.jpg", content: "/etc/passwd", mode: 0o120777 }])),
    )
    expect(item?.refused).toBe("name_unsafe")
  })

  it.each(["../up.jpg", "/etc/x.jpg", "a\\b.jpg", "C:/x.jpg", "aux.jpg"])(
    "refuses the name %j but reads it",
    async (name) => {
      // `yazl` refuses such names, so one of the same length is replaced.
      const honest = "n".repeat(name.length)
      const bytes = await zip([{ name: honest, content: "hello" }])
      for (const start of [bytes.indexOf(honest), bytes.lastIndexOf(honest)]) bytes.write(name, start)
      const [item] = itemsOf(await readBytes("s.zip", bytes))
      expect(item?.refused).toBe("name_unsafe")
      expect(bytesOf(item!).toString()).toBe("hello")
    },
  )

  it.each([
    ["case", "A.jpg", "a.jpg"],
    ["Unicode normalisation", "\u00e9.jpg", "e\u0301.jpg"],
    ["nothing", "a.jpg", "a.jpg"],
  ])("refuses both of two names that differ in %s", async (_, first, second) => {
    const bytes = await zip([
      { name: first, content: "1" },
      { name: second, content: "2" },
      { name: "other.jpg", content: "3" },
    ])
    const items = itemsOf(await readBytes("s.zip", bytes))
    expect(items.map(({ refused }) => refused)).toEqual(
      items.map(({ place }) => (place === "other.jpg" ? undefined : "name_unsafe")),
    )
  })

  it.each([
    ["checksum", 14],
    ["compressed size", 18],
    ["size", 22],
  ])("refuses an entry whose local header gives another %s than the directory", async (_, index) => {
    const bytes = await patchedZip("1.jpg", (whole, { local }) => {
      whole.writeUInt16LE(whole.readUInt16LE(local + 6) & ~8, local + 6)
      whole.writeUInt32LE(0xabcdef, local + index)
    })
    expect(itemsOf(await readBytes("s.zip", bytes)).find(({ place }) => place === "1.jpg")?.refused).toBe(
      "archive_malformed",
    )
  })

  it("refuses an entry whose descriptor is missing or disagrees with the directory", async () => {
    const name = "1.jpg"
    const local = Buffer.alloc(30 + name.length)
    const content = Buffer.from("hello")
    const descriptor = Buffer.alloc(16)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(8, 6)
    local.writeUInt16LE(name.length, 26)
    local.write(name, 30)
    const central = Buffer.alloc(46 + name.length)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(8, 8)
    central.writeUInt32LE(crc32(content), 16)
    central.writeUInt32LE(content.length, 20)
    central.writeUInt32LE(content.length, 24)
    central.writeUInt16LE(name.length, 28)
    central.write(name, 46)
    descriptor.writeUInt32LE(0x08074b50, 0)
    descriptor.writeUInt32LE(crc32(content), 4)
    descriptor.writeUInt32LE(content.length, 8)
    descriptor.writeUInt32LE(content.length, 12)
    const zipOf = (behind: Buffer) => {
      const end = Buffer.alloc(22)
      end.writeUInt32LE(0x06054b50, 0)
      end.writeUInt16LE(1, 8)
      end.writeUInt16LE(1, 10)
      end.writeUInt32LE(central.length, 12)
      end.writeUInt32LE(local.length + content.length + behind.length, 16)
      return Buffer.concat([local, content, behind, central, end])
    }
    const refusedOf = async (behind: Buffer) => itemsOf(await readBytes("s.zip", zipOf(behind)))[0]?.refused
    expect(await refusedOf(descriptor)).toBeUndefined()
    expect(await refusedOf(descriptor.subarray(4))).toBeUndefined()
    expect(await refusedOf(Buffer.alloc(0))).toBe("archive_malformed")
    descriptor.writeUInt32LE(1, 4)
    expect(await refusedOf(descriptor)).toBe("archive_malformed")
  })

  it("refuses an entry whose local header names another file", async () => {
    const bytes = await patchedZip("1.jpg", (whole, { local }) => whole.write("9", local + 30))
    expect(itemsOf(await readBytes("s.zip", bytes)).map(({ refused }) => refused)).toEqual([
      "archive_malformed",
      undefined,
    ])
  })

  it("refuses an entry with bytes behind the end of its data", async () => {
    const content = Buffer.from("hello hello hello")
    const bytes = await zip([{ name: "1.jpg", content: deflateRawSync(content), isStored: true }])
    const { central, local } = recordsOf(bytes, "1.jpg")
    const size = bytes.readUInt32LE(central + 24)
    // Declared as deflated, one byte shorter than what stands there would be honest: pretend a byte more.
    for (const [start, method, uncompressed] of [
      [local, 8, 22],
      [central, 10, 24],
    ] as const) {
      bytes.writeUInt16LE(8, start + method)
      bytes.writeUInt32LE(content.length, start + uncompressed)
    }
    expect(itemsOf(await readBytes("s.zip", bytes))[0]?.refused).toBe("archive_malformed")
    expect(size).toBeGreaterThan(0)
  })

  it("does not inflate an entry that is a bomb", async () => {
    const bytes = await zip([{ name: "1.jpg", content: Buffer.alloc(2 ** 24) }])
    const [item] = itemsOf(await readBytes("s.zip", bytes))
    expect(item).toMatchObject({ refused: "archive_limit", unread: true, sizeBytes: 2 ** 24 })
  })

  it("does not inflate an entry that is too large to hold", async () => {
    const bytes = await zip([{ name: "1.jpg", content: "x".repeat(5_000) }])
    expect(itemsOf(await readBytes("s.zip", bytes, { itemBytes: 1_000 }))[0]?.refused).toBe("byte_limit")
  })
})

describe("a zip that cannot be read", () => {
  it("fails when entries overlap", async () => {
    const bytes = await patchedZip("2.jpg", (whole, { central }) => whole.writeUInt32LE(0, central + 42))
    await expect(readBytes("s.zip", bytes)).rejects.toThrow(failing("shard_bomb"))
  })

  it("fails when all entries together inflate beyond the limit", async () => {
    const bytes = await zip([
      { name: "1.jpg", content: "x".repeat(600) },
      { name: "2.jpg", content: "y".repeat(600) },
    ])
    await expect(readBytes("s.zip", bytes, { inflatedBytes: 1_000 })).rejects.toThrow(failing("shard_bomb"))
  })

  it("fails when it has too many entries", async () => {
    const bytes = await zip(Array.from({ length: 12 }, (_, index) => ({ name: `${index}.jpg`, content: "x" })))
    await expect(readBytes("s.zip", bytes, { items: 10 })).rejects.toThrow(failing("shard_limit"))
  })

  it.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length - 30)],
    [
      "with an entry beyond its end",
      (bytes: Buffer) => {
        bytes.writeUInt32LE(0xfffffff, recordsOf(bytes, "1.jpg").central + 42)
        return bytes
      },
    ],
    [
      "with a damaged directory",
      (bytes: Buffer) => {
        bytes.write("XX", recordsOf(bytes, "2.jpg").central)
        return bytes
      },
    ],
  ])("fails when it is %s", async (_, damage) => {
    await expect(readBytes("s.zip", damage(await patchedZip("1.jpg", () => {})))).rejects.toThrow(
      failing("shard_malformed"),
    )
  })

  it("never does anything but yield samples or fail with a shard's error", async () => {
    const good = await zip([
      { name: "1.jpg", content: "hello hello" },
      { name: "a/2.jpg", content: "stored", isStored: true },
      { name: "a/2.txt", content: "text" },
    ])
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Buffer.from(good)
        for (const [offset, value] of changes) bytes[offset] = value
        // The name decides what it is read as, were its first bytes damaged.
        const outcome = await readBytes("s.tar", bytes).catch((error: unknown) => error)
        expect(Array.isArray(outcome) || (outcome as Error).name === "ShardError").toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
