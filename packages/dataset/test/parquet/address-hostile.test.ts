import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { zstdCompressSync } from "node:zlib"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { structField } from "../../src/containers/parquet/thrift-write.ts"
import { type ColumnFacts, fileOf, page, value, varint } from "../support/parquet.ts"
import { receiptsOf } from "../support/scans.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const LISTED = sha256("a listed download")

const text = (content: string) => value(Buffer.from(content))
const hex = (row: number) => sha256(String(row))
const values = (rows: number) => Buffer.concat(Array.from({ length: rows }, (_, row) => text(hex(row))))

/** A table of one column of digests, `sha256`. */
const table = (pages: Uint8Array, facts: ColumnFacts = {}) => fileOf(pages, { text: "sha256", ...facts })

const int32 = (number: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}
/** Levels before a page's values: a run. */
const run = (count: number, level: number) => {
  const bytes = Buffer.from([...varint(count * 2), level])
  return Buffer.concat([int32(bytes.length), bytes])
}
const three = page(values(3), { entries: 3 })
const indexes = (...bytes: readonly number[]) => page(Buffer.from(bytes), { entries: 3, encoding: 8 })
const dictionary = page(Buffer.concat([text(hex(0)), text(LISTED)]), { entries: 2, dictionary: true })
const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts)
const zstd = (body: Uint8Array, facts: Parameters<typeof page>[1] = {}) =>
  page(zstdCompressSync(body), { inflated: body.length, ...facts })

/** Each lies in another way; with the code with which it is set aside. */
const HOSTILE: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "more rows than values": [table(three, { rows: 4 }), /malformed/],
  "fewer rows than values": [table(three, { rows: 2 }), /malformed/],
  "more rows than its column has entries": [table(three, { rows: 1000, entries: 3 }), /malformed/],
  "more entries than rows": [table(join(three, three), { rows: 3, entries: 6 }), /malformed/],
  "a group with more rows than pages": [table(three, { rows: 3, groups: 2 }), /bomb|malformed/],
  "three billion rows": [table(three, { rows: 3 * 10 ** 9 }), /limit/],
  "hundreds of millions of nulls in a run": [
    table(page(run(2 ** 28, 0), { entries: 2 ** 28 }), { rows: 2 ** 28, repetition: 1 }),
    /bomb|limit/,
  ],
  "two billion values of no bytes, by a run of indexes": [
    table(
      join(dictionary, page(Buffer.from([1, ...varint((2 ** 31 - 8) * 2), 1]), { entries: 2 ** 31 - 8, encoding: 8 })),
      {
        rows: 2 ** 31 - 8,
      },
    ),
    /bomb|limit/,
  ],
  "a value that ends behind its page": [table(page(join(int32(64), Buffer.alloc(63)))), /malformed/],
  "a value of four billion bytes": [table(page(int32(0xffffffff))), /malformed/],
  "a length behind the page's end": [
    table(page(join(text("a"), Buffer.alloc(3)), { entries: 2 }), { rows: 2 }),
    /malformed/,
  ],
  "bytes behind its last value": [table(page(join(values(1), Buffer.alloc(2000)))), /malformed/],
  "levels longer than their page": [
    table(page(join(int32(1000), Buffer.from([2, 1]), values(1))), { repetition: 1 }),
    /malformed/,
  ],
  "levels of four billion bytes": [table(page(join(int32(0xffffffff), values(1))), { repetition: 1 }), /malformed/],
  "levels for fewer entries than its page": [
    table(page(join(run(2, 1), values(3)), { entries: 3 }), { rows: 3, repetition: 1 }),
    /malformed/,
  ],
  "a level above the deepest": [table(page(join(run(1, 2), values(1))), { repetition: 1 }), /malformed/],
  "nulls where there is a value for each entry": [
    table(page(join(run(3, 0), values(3), Buffer.alloc(1000)), { entries: 3 }), { rows: 3, repetition: 1 }),
    /malformed/,
  ],
  "entries without values": [table(page(run(3, 1), { entries: 3 }), { rows: 3, repetition: 1 }), /malformed/],
  "an index behind its dictionary": [table(join(dictionary, indexes(2, 6, 3)), { rows: 3 }), /malformed/],
  "indexes of 33 bits": [table(join(dictionary, indexes(33, 6, 0, 0, 0, 0, 0)), { rows: 3 }), /malformed/],
  "fewer indexes than entries": [table(join(dictionary, indexes(1, 4, 1)), { rows: 3 }), /malformed/],
  "indexes into no dictionary": [table(indexes(1, 6, 1), { rows: 3 }), /malformed/],
  "two dictionaries": [table(join(dictionary, dictionary, indexes(1, 6, 1)), { rows: 3 }), /malformed/],
  "a dictionary behind its values": [table(join(three, dictionary), { rows: 3 }), /malformed/],
  "a dictionary that says two billion values": [
    table(join(page(values(1), { entries: 2 ** 31 - 1, dictionary: true }), indexes(1, 6, 0)), { rows: 3 }),
    /malformed|limit/,
  ],
  "a large value of its dictionary, a million times": [
    table(
      join(
        page(value(Buffer.alloc(2 ** 20, "a")), { dictionary: true }),
        page(Buffer.from([1, ...varint(2_000_000), 0]), { entries: 1_000_000, encoding: 8 }),
      ),
      { rows: 1_000_000 },
    ),
    /bomb/,
  ],
  "a page that inflates beyond the ratio": [table(zstd(value(Buffer.alloc(64 * 2 ** 20))), { codec: 6 }), /bomb/],
  "a page of two gigabytes": [table(page(Buffer.alloc(8), { inflated: 2 ** 31 - 1 }), { codec: 6 }), /limit|bomb/],
  "a page that says more bytes than it has": [table(zstd(values(1), { inflated: 1000 }), { codec: 6 }), /malformed/],
  "a Snappy page that says other lengths": [
    table(page(join(Buffer.from([200, 1, 0xff, 0xff, 0xff]), values(1)), { inflated: 200 }), { codec: 1 }),
    /malformed/,
  ],
  "a Snappy page that copies from before its beginning": [
    table(page(Buffer.from([68, 0xfe, 0xff, 0x00]), { inflated: 68 }), { codec: 1 }),
    /malformed/,
  ],
  "a thousand pages without entries": [
    table(join(...Array.from({ length: 1000 }, () => page(Buffer.alloc(0), { entries: 0 }))), { rows: 1 }),
    /malformed/,
  ],
  "an unknown codec": [table(three, { rows: 3, codec: 3 }), /malformed/],
  "an unknown encoding": [table(page(values(3), { entries: 3, encoding: 77 }), { rows: 3 }), /malformed/],
  "its end cut off": [table(three, { rows: 3 }).subarray(0, -30), /malformed/],
}

const names = Object.keys(HOSTILE)
const fileOfCase = (name: string) => `h${String(names.indexOf(name)).padStart(2, "0")}.parquet`

let test: TestWorkspace
let found: ReturnType<typeof receiptsOf>

beforeAll(async () => {
  test = await testWorkspace()
  await importRecords(test.workspace, [{ hashType: "sha256", hash: LISTED, category: "A1" }])
  const listed = page(join(values(1), text(LISTED), text(hex(2))), { entries: 3 })
  writeFiles(test.pathOf("data"), {
    ...Object.fromEntries(names.map((name) => [fileOfCase(name), HOSTILE[name]![0]])),
    "fair.parquet": table(listed, { rows: 3 }),
    "groups.parquet": table(listed, { rows: 3, emptyGroups: 2_000 }),
    "encrypted.parquet": table(listed, { rows: 3, extra: [structField(8, [])] }),
  })
  await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean"), columnRows: 1 })
  found = receiptsOf(test.workspace)
}, 60_000)
afterAll(() => test[Symbol.dispose]())

describe("a table of digests that is read by columns", () => {
  it.each(names)("is set aside where it has %s, and nothing of it is copied", (name) => {
    expect(found.get(fileOfCase(name))?.poison).toMatch(HOSTILE[name]![1])
    expect(existsSync(test.pathOf("clean", fileOfCase(name)))).toBe(false)
  })

  it.each(["fair", "groups"])("is read where it is fair, with many row groups too: %s", (name) => {
    const { poison, decisions, clean } = found.get(`${name}.parquet`) ?? {}
    expect(poison).toBeUndefined()
    expect(decisions).toMatchObject({ review: 1, clear: 2 })
    expect(clean?.rows).toEqual({ read: 3, written: 2 })
  })

  it("has no row in the copy where its column is encrypted", () => {
    const { decisions, clean } = found.get("encrypted.parquet") ?? {}
    expect(decisions?.inconclusive).toBe(3)
    expect(clean?.rows).toEqual({ read: 3, written: 0 })
  })
})
