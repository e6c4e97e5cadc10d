import { readFileSync } from "node:fs"
import { zstdCompressSync } from "node:zlib"
import { ShardError } from "@nightlight/core"
import { noSignal, plan, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { structField } from "../../src/containers/parquet/thrift-write.ts"
import { openShard } from "../../src/plan/open-shard.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import type { ReaderLimits, Sample } from "../../src/readers/types.ts"
import { duckdb } from "../support/duckdb.ts"
import { binary, fileOf, page, value, varint } from "../support/parquet.ts"

/** Reads all samples of a file, or returns the code of the error that ends the reading. */
async function read(bytes: Uint8Array, limits: Partial<ReaderLimits> = {}): Promise<readonly Sample[] | string> {
  using folder = temporaryFolder()
  folder.write("in/x.parquet", bytes)
  const dataset = await plan(`${folder.path}/in`)
  await using reader = await openShard(dataset.shards[0]!, { ...DEFAULT_READER_LIMITS, ...limits }, noSignal)
  try {
    return await Array.fromAsync(reader.samples())
  } catch (error) {
    if (error instanceof ShardError) return error.code
    throw error
  }
}

async function written(query: string, options = "COMPRESSION uncompressed"): Promise<Buffer> {
  using folder = temporaryFolder()
  await duckdb(`COPY (${query}) TO '${folder.path}/x.parquet' (FORMAT parquet, ${options})`)
  return readFileSync(`${folder.path}/x.parquet`)
}

const ONE = page(value(Buffer.from("\u0000one and more than sixteen bytes")))

describe("a hostile Parquet file", () => {
  it("is read where it is not hostile", async () => {
    const [sample] = (await read(fileOf(ONE))) as readonly Sample[]
    expect(sample?.items.map(({ place }) => place)).toEqual(["row 0 data", "row 0.json"])
  })

  it.each([
    ["whose footer is longer than the file", (file: Buffer) => file.fill(0xff, file.length - 8, file.length - 5)],
    ["cut short", (file: Buffer) => file.subarray(0, file.length - 20)],
    ["of magic bytes alone", () => Buffer.from("PAR1PAR1PAR1PAR1PAR1")],
  ])("%s is malformed", async (_, change) => {
    expect(await read(Buffer.from(change(Buffer.from(fileOf(ONE)))))).toBe("shard_malformed")
  })

  it.each([
    ["a chunk beyond the file", fileOf(ONE, { length: 10_000 }), "shard_malformed"],
    ["a chunk before the file", fileOf(ONE, { start: 0 }), "shard_malformed"],
    ["more values than its pages have", fileOf(ONE, { rows: 2 }), "shard_malformed"],
    ["fewer values than its pages have", fileOf(Buffer.concat([ONE, ONE])), "shard_malformed"],
    ["bytes behind its last page", fileOf(Buffer.concat([ONE, Buffer.alloc(4)])), "shard_malformed"],
    ["a page whose value is longer than it", fileOf(page(Buffer.from([0xff, 0xff, 0xff, 0x7f]))), "shard_malformed"],
    ["a page with bytes of no value", fileOf(page(Buffer.alloc(4000))), "shard_malformed"],
    ["two billion rows", fileOf(ONE, { rows: 2 ** 31 }), "shard_limit"],
    ["a page of two gigabytes", fileOf(page(Buffer.alloc(8), { inflated: 2 ** 31 - 1 }), { codec: 6 }), "shard_limit"],
    ["columns in another file", fileOf(ONE, { extra: [binary(1, "/etc/passwd")] }), "shard_unsafe"],
    ["row groups that share a chunk", fileOf(ONE, { groups: 100 }), "shard_bomb"],
    ["a page of an unknown codec", fileOf(ONE, { codec: 3 }), "shard_malformed"],
  ] as const)("with %s is refused", async (_, file, code) => {
    expect(await read(file)).toBe(code)
  })

  it("whose page inflates beyond the ratio is a bomb", async () => {
    const inflated = 64 * 2 ** 20
    const bomb = page(zstdCompressSync(value(Buffer.alloc(inflated - 4))), { inflated })
    expect(await read(fileOf(bomb, { codec: 6 }))).toBe("shard_bomb")
  })

  it("whose page says another length than it has is malformed", async () => {
    const body = value(Buffer.alloc(1000, 1))
    for (const inflated of [body.length - 1, body.length + 1]) {
      expect(await read(fileOf(page(zstdCompressSync(body), { inflated }), { codec: 6 }))).toBe("shard_malformed")
    }
  })

  it("that repeats a large value of its dictionary without end is a bomb", async () => {
    const dictionary = page(value(Buffer.alloc(2 ** 20, 1)), { dictionary: true })
    const rows = 1_000_000
    const run = Buffer.from([1, ...varint(rows * 2), 0])
    const data = page(run, { entries: rows, encoding: 8 })
    expect(await read(fileOf(Buffer.concat([dictionary, data]), { rows }), { inflatedBytes: 2 ** 24 })).toBe(
      "shard_bomb",
    )
  })

  it("that says a run of two billion nulls in a few bytes is limited", async () => {
    const entries = 2 ** 31 - 1
    const levels = Buffer.from([...varint(entries * 2), 0])
    const length = Buffer.from([levels.length, 0, 0, 0])
    const body = Buffer.concat([length, levels, length, levels])
    expect(await read(fileOf(page(body, { entries }), { entries, repetition: 2 }))).toMatch(
      /^shard_(?:bomb|malformed)$/,
    )
  })

  it("of a million row groups is read or refused in bounded time", { timeout: 120_000 }, async () => {
    const pages = Buffer.concat(Array.from({ length: 1000 }, () => ONE))
    expect(await read(fileOf(pages, { groups: 1_000_000, length: 0, rows: 0 }))).toEqual([])
  })

  it("with lists nested a hundred deep is read", async () => {
    const file = await written(`SELECT ${"[".repeat(100)}'x'${"]".repeat(100)} AS deep`)
    const [sample] = (await read(file)) as readonly Sample[]
    expect(sample?.items).toHaveLength(1)
  })

  it("with encrypted columns has rows that are never clear", async () => {
    const [sample] = (await read(fileOf(ONE, { extra: [structField(8, [])] }))) as readonly Sample[]
    expect(sample?.items).toMatchObject([
      { place: "row 0 data", refused: "archive_encrypted", unread: true },
      { place: "row 0.json" },
    ])
  })

  it("whose footer is encrypted is refused", async () => {
    const file = Buffer.from(fileOf(ONE))
    Buffer.from("PARE").copy(file)
    Buffer.from("PARE").copy(file, file.length - 4)
    expect(await read(file)).toBe("shard_unsafe")
  })

  it("with any byte changed is read to its end, or refused with a code", { timeout: 60_000 }, async () => {
    const file = await written(
      `SELECT i, 'text ' || i % 3 AS t, [i, NULL] AS l, {'bytes': encode('picture' || i), 'path': 'x'} AS image FROM range(40) r(i)`,
      "COMPRESSION snappy",
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, change) => {
        const changed = Buffer.from(file)
        changed[offset] = (changed[offset] ?? 0) ^ change
        // The first bytes decide whether it is such a file at all.
        if (offset < 4) return
        const result = await read(changed)
        expect(typeof result === "string" ? result : result.length).toSatisfy(
          (value: unknown) => value === 40 || String(value).startsWith("shard_"),
        )
      }),
      { numRuns: 400 },
    )
  })
})
