import { randomBytes } from "node:crypto"
import { closeSync, ftruncateSync, openSync, readdirSync, readlinkSync, writeSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import {
  itemsOf,
  longName,
  noSignal,
  outline,
  padded,
  paxHeader,
  plainTar,
  readBytes,
  readShard,
  shardOf,
  TAR_END,
  tar,
  tarHeader,
  tarMember,
  temporaryFolder,
} from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import type { Keep } from "../src/copy/types.ts"
import { writeCleanShard } from "../src/copy/write-shard.ts"
import { localOutput } from "../src/output/local.ts"
import type { ShardPlan } from "../src/plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../src/readers/limits.ts"
import { datasetOf } from "./support/copying.ts"

const failing = (code: string) => expect.objectContaining({ name: "ShardError", code })

describe("hostile members of a tar", () => {
  it.each([
    ["../up.jpg", "name_unsafe"],
    ["a/../../up.jpg", "name_unsafe"],
    ["/etc/x.jpg", "name_unsafe"],
    ["a\\..\\b.jpg", "name_unsafe"],
    ["C:/x.jpg", "name_unsafe"],
    ["a/NUL.jpg", "name_unsafe"],
    ["con", "name_unsafe"],
  ])("refuses the name %j but leaves its bytes to be matched", async (name, refused) => {
    const [item] = itemsOf(await readBytes("s.tar", tar(tarMember(name))))
    expect(item).toMatchObject({ refused, sizeBytes: 1, source: { kind: "range" } })
    expect(item?.unread).toBeUndefined()
  })

  it("refuses a pax path with NUL", async () => {
    const [item] = itemsOf(await readBytes("s.tar", tar(paxHeader({ path: "a\0b.jpg" }), tarMember("x"))))
    expect(item?.refused).toBe("name_unsafe")
  })

  it.each([
    ["hard link", "1", "name_unsafe"],
    ["symbolic link", "2", "name_unsafe"],
    ["character device", "3", "media_unsupported"],
    ["block device", "4", "media_unsupported"],
    ["queue", "6", "media_unsupported"],
    ["unknown type", "Z", "media_unsupported"],
    ["old GNU sparse file", "S", "media_unsupported"],
  ])("refuses a %s and continues", async (_, type, refused) => {
    const samples = await readBytes(
      "s.tar",
      tar(tarMember("1.jpg"), tarHeader({ name: "1.txt", type }), tarMember("2.jpg")),
    )
    expect(itemsOf(samples).map((item) => item.place)).toContain("2.jpg")
    const item = itemsOf(samples).find(({ place }) => place === "1.txt")
    expect(item).toMatchObject({ refused, unread: true, skippedByLoaders: true })
  })

  it("skips the map of an old GNU sparse file", async () => {
    const map = Buffer.alloc(512)
    map[504] = 1
    const sparse = [
      tarHeader({ name: "s.jpg", type: "S", size: 3, isExtended: true }),
      map,
      Buffer.alloc(512),
      padded(Buffer.from("abc")),
    ]
    const items = itemsOf(await readBytes("s.tar", tar(...sparse, tarMember("2.jpg"))))
    expect(items.map(({ place, refused }) => [place, refused])).toEqual([
      ["s.jpg", "media_unsupported"],
      ["2.jpg", undefined],
    ])
  })

  it("refuses a pax sparse file", async () => {
    const [item] = itemsOf(await readBytes("s.tar", tar(paxHeader({ "GNU.sparse.major": "1" }), tarMember("1.jpg"))))
    expect(item?.refused).toBe("media_unsupported")
  })

  it("refuses a name that readers interpret differently", async () => {
    const twice = await readBytes("s.tar", tar(longName("a.jpg"), paxHeader({ path: "b.jpg" }), tarMember("c.jpg")))
    const prefixed = await readBytes("s.tar", tar(tarMember("a.jpg", "x", { prefix: "evil", magic: "ustar  \0" })))
    expect([...twice, ...prefixed].map(({ items }) => items[0]?.refused)).toEqual(["name_unsafe", "name_unsafe"])
  })

  it("refuses to clear a member whose headers could carry content", async () => {
    const [item] = itemsOf(
      await readBytes("s.tar", tar(paxHeader({ comment: "c".repeat(20_000) }), tarMember("1.jpg"))),
    )
    expect(item?.refused).toBe("archive_limit")
  })

  it("refuses a folder that would leave the archive, and counts no other folder as an item", async () => {
    const folders = [
      tarHeader({ name: "d/", type: "5" }),
      tarHeader({ name: "../d/", type: "5" }),
      tarHeader({ name: "v7/" }),
    ]
    expect(outline(await readBytes("s.tar", tar(...folders)))).toEqual([["../d/", "../d/"]])
  })
})

describe("a tar that cannot be read", () => {
  const member = tarMember("1.jpg", "hello")

  it.each([
    [
      "cut within data",
      Buffer.concat([tarHeader({ name: "1.jpg", size: 5_000 }), Buffer.alloc(512)]),
      "shard_malformed",
    ],
    ["cut within a header", Buffer.concat([member, member.subarray(0, 100)]), "shard_malformed"],
    ["cut within padding", member.subarray(0, 600), "shard_malformed"],
    ["garbage between members", tar(member, Buffer.alloc(512, 7), member), "shard_malformed"],
    ["garbage behind the end", Buffer.concat([tar(member), Buffer.alloc(512, 7)]), "shard_malformed"],
    ["another tar behind the end", Buffer.concat([tar(member), tar(member)]), "shard_malformed"],
    ["a lone block of zeros between members", tar(member, Buffer.alloc(512), member), "shard_malformed"],
    ["a wrong checksum", tar(member, tarHeader({ name: "2.jpg", checksumOff: 1 })), "shard_malformed"],
    ["a negative size", tar(member, tarHeader({ size: Buffer.alloc(12, 0xff) })), "shard_malformed"],
    ["a negative octal size", tar(member, tarHeader({ size: Buffer.from("-0000000001\0") })), "shard_malformed"],
    [
      "a size beyond all numbers",
      tar(tarHeader({ size: Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0xff)]) })),
      "shard_malformed",
    ],
    ["a size beyond the file", tar(tarHeader({ size: 0o77777777777 })), "shard_malformed"],
    ["a pax size that is no number", tar(paxHeader({ size: "1e3" }), tarHeader({})), "shard_malformed"],
    ["a negative pax size", tar(paxHeader({ size: "-5" }), tarHeader({})), "shard_malformed"],
    [
      "a pax record longer than its header",
      tar(tarMember("p", "99 path=a\n", { type: "x" }), member),
      "shard_malformed",
    ],
    ["a pax record of no length", tar(tarMember("p", "0 path=a\n", { type: "x" }), member), "shard_malformed"],
    ["an extended header before nothing", tar(paxHeader({ path: "a.jpg" })), "shard_malformed"],
    [
      "endless extended headers",
      tar(...Array.from({ length: 20 }, () => paxHeader({ mtime: "1" })), member),
      "shard_malformed",
    ],
    ["a pax header of 1 GiB", tar(tarHeader({ type: "x", size: 2 ** 30 })), "shard_limit"],
    ["a long name of 1 GiB", tar(tarHeader({ type: "L", size: 2 ** 30 })), "shard_limit"],
    ["a link with data", tar(tarHeader({ type: "2", size: 512 }), Buffer.alloc(512, 1)), "shard_unsafe"],
    ["a folder with data", tar(tarHeader({ name: "d/", type: "5", size: 512 }), Buffer.alloc(512, 1)), "shard_unsafe"],
    ["one name for all members", tar(paxHeader({ path: "a.jpg" }, "g"), member), "shard_unsafe"],
    ["one size for all members", tar(paxHeader({ size: "1" }, "g"), member), "shard_unsafe"],
    [
      "no tar at all",
      Buffer.from("this is only called a tar, and long enough for a header".repeat(20)),
      "shard_malformed",
    ],
    ["nothing but a few bytes", Buffer.from("x"), "shard_malformed"],
  ])("fails on %s", async (_, bytes, code) => {
    await expect(readBytes("s.tar", bytes)).rejects.toThrow(failing(code))
    await expect(readBytes("s.tar.gz", gzipSync(bytes))).rejects.toThrow(failing(code))
  })

  it("repeats none of its content in the error", async () => {
    const canary = "canary-7f3a"
    const error = await readBytes(
      "s.tar",
      tar(tarMember(`${canary}.jpg`), tarMember(canary, "x", { checksumOff: 1 })),
    ).catch((thrown: unknown) => thrown)
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(canary)
  })

  it("accepts a tar without an end marker, as loaders do", async () => {
    expect(outline(await readBytes("s.tar", member))).toEqual([["1", "1.jpg"]])
  })

  it("treats an empty tar and an empty file as a shard without samples", async () => {
    expect(await readBytes("s.tar", TAR_END)).toEqual([])
    expect(await readBytes("s.tar", new Uint8Array())).toEqual([])
    expect(await readBytes("s.tar.gz", gzipSync(TAR_END))).toEqual([])
  })

  it("stops at the limits of items and of one sample", async () => {
    const many = tar(...Array.from({ length: 30 }, (_, index) => tarMember(`a.${index}`)))
    await expect(readBytes("s.tar", many, { items: 20 })).rejects.toThrow(failing("shard_limit"))
    await expect(readBytes("s.tar", many, { sampleItems: 20 })).rejects.toThrow(failing("shard_limit"))
  })

  it("stops on a sparse file of a terabyte of zeros without reading it", async () => {
    using folder = temporaryFolder()
    const path = folder.write("s.tar", member)
    const fd = openSync(path, "r+")
    ftruncateSync(fd, 2 ** 40)
    closeSync(fd)
    const { root, shard } = await shardOf(path)
    await expect(readShard(root, shard)).rejects.toThrow(failing("shard_malformed"))
  })

  it("skips a member of a terabyte without reading it", async () => {
    using folder = temporaryFolder()
    const base256 = Buffer.alloc(12)
    base256[0] = 0x80
    base256.writeUIntBE(2 ** 40, 6, 6)
    const path = folder.write("s.tar", tarHeader({ name: "1.jpg", size: base256 }))
    const fd = openSync(path, "r+")
    writeSync(fd, tar(tarMember("2.jpg")), 0, undefined, 512 + 2 ** 40)
    closeSync(fd)
    const { root, shard } = await shardOf(path)
    expect(outline(await readShard(root, shard))).toEqual([
      ["1", "1.jpg"],
      ["2", "2.jpg"],
    ])
  })

  it("never does anything but yield samples or fail with a shard's error", async () => {
    const good = tar(
      tarMember("1.jpg", "hello"),
      paxHeader({ path: "2.jpg" }),
      tarMember("x", "w".repeat(700)),
      tarMember("3.txt"),
    )
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(good.length), async (changes, cut) => {
        const bytes = Buffer.from(good)
        for (const [at, value] of changes) bytes[at] = value
        const outcome = await readBytes("s.tar", bytes.subarray(0, cut)).catch((error: unknown) => error)
        expect(Array.isArray(outcome) || (outcome as Error).name === "ShardError").toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

describe("a gzipped tar that cannot be read", () => {
  it("fails on a gzip bomb long before it is inflated", async () => {
    const bomb = gzipSync(Buffer.concat([tarHeader({ name: "1.jpg", size: 2 ** 26 }), Buffer.alloc(2 ** 26), TAR_END]))
    await expect(readBytes("s.tar.gz", bomb)).rejects.toThrow(failing("shard_bomb"))
    await expect(readBytes("s.tar.gz", bomb, { ratio: 10_000, inflatedBytes: 2 ** 24 })).rejects.toThrow(
      failing("shard_bomb"),
    )
  })

  it.each([
    ["cut short", gzipSync(plainTar({ "1.jpg": "a" })).subarray(0, 60)],
    ["damaged", Buffer.concat([gzipSync(plainTar({ "1.jpg": "a" })).subarray(0, 40), Buffer.alloc(60, 9)])],
    ["without its checksum", gzipSync(plainTar({ "1.jpg": "a" })).subarray(0, -8)],
  ])("fails when it is %s", async (_, bytes) => {
    await expect(readBytes("s.tar.gz", bytes)).rejects.toThrow(failing("shard_malformed"))
  })

  it("leaves out the bytes of a member too large to hold, and continues", async () => {
    const bytes = gzipSync(plainTar({ "1.jpg": "a".repeat(3_000), "1.txt": "b", "2.jpg": "c" }))
    const items = itemsOf(await readBytes("s.tar.gz", bytes, { itemBytes: 1_000 }))
    expect(items.map(({ place, refused, unread, sizeBytes }) => [place, refused, unread, sizeBytes])).toEqual([
      ["1.jpg", "byte_limit", true, 3_000],
      ["1.txt", undefined, undefined, 1],
      ["2.jpg", undefined, undefined, 1],
    ])
  })

  it("bounds what one sample holds in memory", async () => {
    const bytes = gzipSync(plainTar({ "1.a": "a".repeat(600), "1.b": "b".repeat(600), "2.a": "c".repeat(600) }))
    const items = itemsOf(await readBytes("s.tar.gz", bytes, { sampleBytes: 1_000 }))
    expect(items.map(({ refused }) => refused)).toEqual([undefined, "byte_limit", undefined])
  })

  it("is closed, even when most of it was never read", async () => {
    using folder = temporaryFolder()
    const broken = Buffer.concat([tarHeader({ name: "1.jpg" }), randomBytes(2 ** 22)])
    const path = folder.write("s.tar.gz", gzipSync(broken))
    const { root, shard } = await shardOf(path)

    await expect(readShard(root, shard)).rejects.toThrow(failing("shard_malformed"))

    await vi.waitUntil(() => !isOpenHere(path))
  })

  it("is closed when its copy fails in the middle", async () => {
    using made = await datasetOf({ "s.tar.gz": gzipSync(plainTar({ "1.jpg": "a", "2.bin": randomBytes(2 ** 22) })) })
    const [shard] = made.plan.shards
    const { root } = made.plan
    const job = { shard: shard as ShardPlan, output: localOutput(made.out), limits: DEFAULT_READER_LIMITS }
    const keep: Keep = (_, { place }) => (place === "1.jpg" ? { keep: true, sha256: "0".repeat(64) } : { keep: false })

    await expect(writeCleanShard(job, keep, noSignal)).rejects.toMatchObject({ code: "source_changed" })

    await vi.waitUntil(() => !isOpenHere(join(root, "s.tar.gz")))
  })
})

/** Whether this process holds a file open. */
function isOpenHere(path: string): boolean {
  return readdirSync("/proc/self/fd").some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  })
}
