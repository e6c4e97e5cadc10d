import { readFileSync } from "node:fs"
import {
  arrowRows,
  arrowTable,
  batchRows,
  type Columns,
  FEATURES,
  IMAGE,
  writeArrow,
} from "@nightlight/dev-env/dataset/arrow"
import { sha256 } from "@nightlight/dev-env/dataset/shards"
import { Dictionary, Int32, Utf8 } from "apache-arrow"
import { describe, expect, it } from "vitest"
import { endOf, openArrow } from "../../src/containers/arrow/file.ts"
import { MESSAGE, readMessage } from "../../src/containers/arrow/message.ts"
import type { CopyMode } from "../../src/containers/decision.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import { bytesSource } from "../../src/readers/source.ts"
import { fixture } from "../support/arrow-fixtures.ts"
import { copyShard, datasetOf, type IsClear } from "../support/copying.ts"

/** Copies a file without some rows, and returns the copy. */
async function copied(
  bytes: Uint8Array,
  { isClear, mode = "clean" }: { readonly isClear?: IsClear; readonly mode?: CopyMode } = {},
): Promise<Buffer> {
  using made = await datasetOf({ "s.arrow": bytes })
  const [shard] = made.plan.shards
  expect(shard?.kind).toBe("arrow")
  const result = await copyShard(made.plan.root, shard!, made.out, isClear === undefined ? { mode } : { isClear, mode })
  const copy = readFileSync(`${made.out}/s.arrow`)
  expect(result.outputSha256).toBe(sha256(copy))
  return copy
}

const notRows =
  (...rows: readonly number[]): IsClear =>
  ({ place }) =>
    !rows.some((row) => place === `row ${row}.json`)

const picture = (index: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0]), Buffer.alloc(100 + index, index)])

function batch(start: number, count: number): Columns {
  const rows = Array.from({ length: count }, (_, index) => start + index)
  const images = rows.map((row) => (row % 5 === 4 ? null : { bytes: picture(row), path: `${row}.jpg` }))
  return {
    n: { type: new Int32(), values: rows },
    image: { type: IMAGE, values: images },
    caption: { type: new Utf8(), values: rows.map((row) => (row % 3 === 0 ? null : `words ${row}`)) },
  }
}

const TABLE = arrowTable([batch(0, 10), batch(10, 10), batch(20, 3)], { huggingface: FEATURES, other: "kept" })

describe.each([
  ["file", writeArrow(TABLE, "file")],
  ["file, compressed", fixture("pictures-zstd-file.arrow")],
  ["stream", writeArrow(TABLE, "stream")],
  ["stream, compressed", fixture("pictures-zstd-stream.arrow")],
  ["stream as written before version 0.15", fixture("pictures-old-stream.arrow")],
] as const)("an Arrow %s", (title, source) => {
  it("is copied byte for byte where nothing is withheld", async () => {
    expect((await copied(source)).equals(source)).toBe(true)
  })

  it.each(["clean", "purge"] as const)("loses rows and nothing else in a %s copy", async (mode) => {
    const copy = await copied(source, { isClear: notRows(0, 12, 20, 21, 22), mode })
    const before = arrowRows(source) as readonly { readonly n: number }[]
    expect(arrowRows(copy)).toEqual(before.filter(({ n }) => ![0, 12, 20, 21, 22].includes(n)))
    expect(batchRows(copy)).toEqual([9, 9, 0])
    expect(copy.includes(FEATURES)).toBe(true)
    expect(copy.includes(picture(12))).toBe(false)
  })

  it("keeps other record batches byte for byte, and a compressed one compressed", async () => {
    const copy = await copied(source, { isClear: notRows(12) })
    const [first, , third] = await messagesOf(source)
    const [sameFirst, changed, sameThird] = await messagesOf(copy)
    expect(sameFirst?.equals(first!)).toBe(true)
    expect(sameThird?.equals(third!)).toBe(true)
    if (title.endsWith("compressed")) expect(changed!.includes(picture(13).subarray(3))).toBe(false)
  })

  it("is written twice with the same bytes", async () => {
    const [one, two] = [await copied(source, { isClear: notRows(3) }), await copied(source, { isClear: notRows(3) })]
    expect(one.equals(two)).toBe(true)
  })

  it("loses its key-value metadata where that is withheld, and keeps its columns", async () => {
    const copy = await copied(source, { isClear: ({ place }) => place !== "file metadata" })
    expect(copy.includes("huggingface")).toBe(false)
    expect(arrowRows(copy)).toEqual(arrowRows(source))
  })
})

/** The bytes of a file's record batches. */
async function messagesOf(bytes: Buffer): Promise<readonly Buffer[]> {
  const { messages } = await openArrow(bytesSource(bytes), DEFAULT_READER_LIMITS)
  return messages.filter(({ kind }) => kind === MESSAGE.batch).map((place) => bytes.subarray(place.start, endOf(place)))
}

describe("a dictionary", () => {
  const type = new Dictionary(new Utf8(), new Int32())
  const source = (form: "file" | "stream") =>
    writeArrow(arrowTable([{ c: { type, values: ["red", "secret", "blue", "red", "secret"] } }]), form)

  it.each(["file", "stream"] as const)("loses the values that only withheld rows have (%s)", async (form) => {
    const copy = await copied(source(form), { isClear: notRows(1, 4) })
    expect(copy.includes("secret")).toBe(false)
    expect(arrowRows(copy)).toEqual([{ c: "red" }, { c: "blue" }, { c: "red" }])
  })

  it("keeps a value that one row with it keeps", async () => {
    const copy = await copied(source("file"), { isClear: notRows(1) })
    expect(arrowRows(copy)).toEqual([{ c: "red" }, { c: "blue" }, { c: "red" }, { c: "secret" }])
  })

  it("loses a value that no row has where that value is withheld", async () => {
    const bytes = source("file")
    // The index of `blue`, in the third row, becomes that of `red`.
    const at = bytes.indexOf(Buffer.from(Int32Array.of(0, 1, 2, 0, 1).buffer))
    bytes.writeInt32LE(0, at + 8)
    expect((await copied(bytes)).equals(bytes)).toBe(true)
    const copy = await copied(bytes, { isClear: ({ place }) => !/^dictionary \d+ value 2\.json$/.test(place) })
    expect(copy.includes("blue")).toBe(false)
    expect(arrowRows(copy)).toEqual(arrowRows(bytes))
  })
})

describe("files of other writers", () => {
  it.each(["pyarrow-lz4.arrow", "polars-zstd.arrow"])("are copied byte for byte: %s", async (name) => {
    const bytes = fixture(name)
    expect((await copied(bytes)).equals(bytes)).toBe(true)
  })

  it.each(["pyarrow-lz4.arrow", "pyarrow-stream.arrow", "polars-zstd.arrow"])(
    "lose rows, and every other value is the same: %s",
    async (name) => {
      const bytes = fixture(name)
      const copy = await copied(bytes, { isClear: notRows(0, 3, 4, 11) })
      expect(await rowsSeen(copy)).toEqual((await rowsSeen(bytes)).filter((_, row) => ![0, 3, 4, 11].includes(row)))
    },
  )
})

/** The JSON and the pictures of each row. */
async function rowsSeen(bytes: Uint8Array): Promise<readonly string[]> {
  const rows: string[] = []
  await copied(bytes, {
    isClear: ({ place, source }) => {
      if (!place.startsWith("row ") || source.kind === "file" || source.kind === "stream") return true
      const [, row = "", rest = ""] = /^row (\d+)(.*)$/.exec(place) ?? []
      const content = source.kind === "bytes" ? Buffer.from(source.bytes) : bytesOfRange(bytes, source)
      rows[Number(row)] = `${rows[Number(row)] ?? ""}${rest}=${content.toString("latin1")};`
      return true
    },
  })
  return rows
}

function bytesOfRange(bytes: Uint8Array, { offset, length }: { readonly offset: number; readonly length: number }) {
  return Buffer.from(bytes.subarray(offset, offset + length))
}

describe("bytes that no reader sees", () => {
  it("are left out of a clean copy, and stay in a purge", async () => {
    const stream = writeArrow(TABLE, "stream")
    const behind = Buffer.concat([stream, stream])
    expect((await copied(behind)).equals(stream)).toBe(true)
    expect((await copied(behind, { mode: "purge" })).equals(behind)).toBe(true)
  })

  it("are left out where they lie under a null", async () => {
    const values = ["seen", null, "a longer text that is hidden", "seen"]
    const source = writeArrow(arrowTable([{ c: { type: new Utf8(), values } }]), "stream")
    const hidden = await withNull(source, 2)
    const copy = await copied(hidden)
    expect(copy.includes("hidden")).toBe(false)
    expect(arrowRows(copy)).toEqual([{ c: "seen" }, { c: null }, { c: null }, { c: "seen" }])
    expect((await copied(hidden, { mode: "purge" })).equals(hidden)).toBe(true)
  })
})

/** Makes a value of the only column null, whose bytes stay. */
async function withNull(source: Buffer, row: number): Promise<Buffer> {
  const bytes = Buffer.from(source)
  const { messages } = await openArrow(bytesSource(bytes), DEFAULT_READER_LIMITS)
  const batch = messages.find(({ kind }) => kind === MESSAGE.batch)!
  bytes[batch.bodyStart] = bytes[batch.bodyStart]! & ~(1 << row)
  const message = await readMessage(bytesSource(bytes), batch.start, endOf(batch))
  const nodes = message!.header.vector(1, 16)!
  bytes.writeBigInt64LE(2n, batch.start + batch.prefixBytes + nodes.start + 8)
  return bytes
}
