import { ShardError } from "@nightlight/core"
import { arrowTable, IMAGE, writeArrow } from "@nightlight/dev-env/dataset/arrow"
import { readBytes } from "@nightlight/dev-env/dataset/shards"
import { type DataType, Dictionary, Field, Int32, List, Utf8 } from "apache-arrow"
import { describe, expect, it } from "vitest"
import { endOf, openArrow } from "../../src/containers/arrow/file.ts"
import { FlatTable } from "../../src/containers/arrow/flatbuffer.ts"
import { MESSAGE, type MessagePlace } from "../../src/containers/arrow/message.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import { bytesSource } from "../../src/readers/source.ts"
import type { ReaderLimits, Sample } from "../../src/readers/types.ts"
import { fixture } from "../support/arrow-fixtures.ts"

/** Reads all samples of a file, or returns the code of the error that ends the reading. */
async function read(bytes: Uint8Array, limits: Partial<ReaderLimits> = {}): Promise<readonly Sample[] | string> {
  try {
    return await readBytes("x.arrow", bytes, { ...DEFAULT_READER_LIMITS, ...limits })
  } catch (error) {
    if (error instanceof ShardError) return error.code
    throw error
  }
}

const values = ["one", null, "three", "four"]
const TEXTS = arrowTable([{ c: { type: new Utf8(), values } }, { c: { type: new Utf8(), values } }])
const STREAM = writeArrow(TEXTS, "stream")
const FILE = writeArrow(TEXTS, "file")

interface Opened {
  readonly bytes: Buffer
  readonly batch: MessagePlace
  /** Offset in the file of the batch's metadata. */
  readonly metadataStart: number
  readonly root: FlatTable
  readonly header: FlatTable
}

/** A copy of a file to be damaged, with the places of its first batch or another message. */
async function opened(source: Uint8Array, kind: number = MESSAGE.batch): Promise<Opened> {
  const bytes = Buffer.from(source)
  const { messages } = await openArrow(bytesSource(bytes), DEFAULT_READER_LIMITS)
  const batch = messages.find((message) => message.kind === kind)!
  const metadataStart = batch.start + batch.prefixBytes
  const root = FlatTable.root(bytes.subarray(metadataStart, batch.bodyStart))
  return { bytes, batch, metadataStart, root, header: root.table(2)! }
}

describe("an Arrow file that lies is set aside: ", () => {
  it.each([
    [
      "the length of a body is beyond the end",
      ({ root }: Opened) => root.view.setBigInt64(root.placeOf(3, 8)!, 2n ** 50n, true),
    ],
    ["the length of a body is negative", ({ root }: Opened) => root.view.setBigInt64(root.placeOf(3, 8)!, -8n, true)],
    [
      "the length of metadata is beyond the end",
      ({ bytes, batch }: Opened) => bytes.writeInt32LE(0x7ffffff8, batch.start + 4),
    ],
    ["the length of metadata is negative", ({ bytes, batch }: Opened) => bytes.writeInt32LE(-8, batch.start + 4)],
    [
      "a buffer lies outside the body",
      ({ header }: Opened) => header.view.setBigInt64(header.vector(2, 16)!.start, 2n ** 40n, true),
    ],
    [
      "two buffers overlap",
      ({ header }: Opened) => header.view.setBigInt64(header.vector(2, 16)!.start + 32, 0n, true),
    ],
    [
      "there are more rows than values",
      ({ header }: Opened) => header.view.setBigInt64(header.placeOf(0, 8)!, 5n, true),
    ],
    [
      "there are more values than offsets",
      ({ header }: Opened) => header.view.setBigInt64(header.vector(1, 16)!.start, 2n ** 31n, true),
    ],
    [
      "nulls are counted that are none",
      ({ header }: Opened) => header.view.setBigInt64(header.vector(1, 16)!.start + 8, 0n, true),
    ],
    [
      "offsets descend",
      ({ bytes, batch, header }: Opened) => {
        const offsets = Number(header.view.getBigInt64(header.vector(2, 16)!.start + 16, true))
        bytes.writeInt32LE(0x7fffffff, batch.bodyStart + offsets + 4)
      },
    ],
    [
      "the mark of the metadata's table is beyond it",
      ({ bytes, metadataStart }: Opened) => bytes.writeUInt32LE(0xfffffff0, metadataStart),
    ],
  ])("%s", async (_, damage) => {
    for (const source of [STREAM, FILE]) {
      const found = await opened(source)
      damage(found)
      expect(await read(found.bytes)).toBe("shard_malformed")
    }
  })

  it("blocks of the footer are out of range, overlap, or contradict their messages", async () => {
    const { footer } = await openArrow(bytesSource(FILE), DEFAULT_READER_LIMITS)
    const [first, second] = footer!.blocks.map(({ place }) => footer!.start + place)
    for (const change of [
      (bytes: Buffer) => bytes.writeBigInt64LE(2n ** 40n, second),
      (bytes: Buffer) => bytes.writeBigInt64LE(bytes.readBigInt64LE(first), second),
      (bytes: Buffer) => bytes.writeInt32LE(8, first! + 8),
      (bytes: Buffer) => bytes.writeBigInt64LE(0n, first! + 16),
      (bytes: Buffer) => bytes.writeInt32LE(0x7fffffff, bytes.length - 10),
      (bytes: Buffer) => bytes.writeInt32LE(-1, bytes.length - 10),
    ]) {
      const bytes = Buffer.from(FILE)
      change(bytes)
      expect(await read(bytes)).toBe("shard_malformed")
    }
  })

  it("the schema before the messages is not that of the footer", async () => {
    const bytes = fixture("pictures-zstd-file.arrow")
    const at = bytes.indexOf("caption")
    bytes.write("CAPTION", at)
    expect(await read(bytes)).toBe("shard_malformed")
  })

  it("a second schema follows in the stream", async () => {
    const { batch } = await opened(STREAM, MESSAGE.schema)
    const schema = STREAM.subarray(0, endOf(batch))
    expect(await read(Buffer.concat([schema, STREAM]))).toBe("shard_malformed")
  })

  it("an index has no value in its dictionary", async () => {
    const type = new Dictionary(new Utf8(), new Int32())
    const bytes = writeArrow(arrowTable([{ c: { type, values: ["a", "b", "a"] } }]), "stream")
    bytes.writeInt32LE(7, bytes.lastIndexOf(Buffer.from(Int32Array.of(0, 1, 0).buffer)) + 4)
    expect(await read(bytes)).toBe("shard_malformed")
  })

  it("it is cut short anywhere", async () => {
    for (let length = 1; length < FILE.length; length += 7) {
      expect(await read(FILE.subarray(0, length))).not.toBe(undefined)
    }
    for (const source of [STREAM.subarray(0, -9), FILE.subarray(0, -1)]) {
      const result = await read(source)
      expect(result === "shard_malformed").toBe(true)
    }
  })
})

describe("an Arrow file that is not understood is set aside: ", () => {
  it("big-endian, of a type that is not known, of another version", async () => {
    const schema = await opened(STREAM, MESSAGE.schema)
    const column = schema.header.element(schema.header.vector(1, 4)!, 0)
    column.view.setUint8(column.placeOf(2, 1)!, 99)
    expect(await read(schema.bytes)).toBe("shard_unsafe")
    const version = await opened(STREAM)
    version.root.view.setInt16(version.root.placeOf(0, 2)!, 9, true)
    expect(await read(version.bytes)).toBe("shard_unsafe")
    const big = await opened(STREAM, MESSAGE.schema)
    // The field of the byte order is absent: it is made to begin where the columns' reference does.
    const { view } = big.header
    const table = big.root.placeOf(2, 4)!
    const at = table + view.getUint32(table, true)
    const fields = at - view.getInt32(at, true)
    view.setUint16(fields + 4, view.getUint16(fields + 6, true), true)
    expect(await read(big.bytes)).toBe("shard_unsafe")
  })

  it("metadata with bytes that belong to nothing", async () => {
    const { batch } = await opened(STREAM)
    const hidden = Buffer.alloc(4096, "hidden ")
    const [before, behind] = [STREAM.subarray(0, batch.bodyStart), STREAM.subarray(batch.bodyStart)]
    const bytes = Buffer.concat([before, hidden, behind])
    bytes.writeInt32LE(batch.metadataBytes + hidden.length, batch.start + 4)
    expect(await read(bytes)).toBe("shard_unsafe")
  })
})

describe("an Arrow file beyond the limits is set aside: ", () => {
  it("a buffer that inflates beyond the ratio, or to more or less than it says", async () => {
    for (const [length, code] of [
      [2n ** 27n, "shard_bomb"],
      [2n ** 40n, "shard_limit"],
      [-5n, "shard_malformed"],
      [3n, "shard_malformed"],
      [5000n, "shard_malformed"],
    ] as const) {
      const { bytes, batch, header } = await opened(fixture("pictures-zstd-stream.arrow"))
      const { start, count } = header.vector(2, 16)!
      // The first buffer with bytes: the numbers of the first column.
      for (let index = 0; index < count; index++) {
        const place = start + 16 * index
        if (header.view.getBigInt64(place + 8, true) === 0n) continue
        bytes.writeBigInt64LE(length, batch.bodyStart + Number(header.view.getBigInt64(place, true)))
        break
      }
      expect(await read(bytes)).toBe(code)
    }
  })

  it("a body above what is held in memory, more rows, batches or columns", async () => {
    const big = writeArrow(arrowTable([{ c: { type: new Utf8(), values: ["x".repeat(10_000)] } }]), "stream")
    expect(await read(big, { itemBytes: 2_000 })).toBe("shard_limit")
    expect(await read(STREAM, { items: 7 })).toBe("shard_limit")
    const wide = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`c${index}`, { type: new Utf8(), values }]),
    )
    expect(await read(writeArrow(arrowTable([wide]), "stream"), { sampleItems: 19 })).toBe("shard_limit")
  })

  it("more batches than items", async () => {
    const schema = await opened(STREAM, MESSAGE.schema)
    const batches = await opened(STREAM)
    const one = STREAM.subarray(batches.batch.start, endOf(batches.batch))
    const bytes = Buffer.concat([STREAM.subarray(0, endOf(schema.batch)), ...Array.from({ length: 300 }, () => one)])
    expect(await read(bytes)).toHaveLength(1_200)
    expect(await read(bytes, { items: 299 })).toBe("shard_limit")
  })

  it("lists six hundred deep; a hundred are read", async () => {
    const nested = (depth: number) => {
      let type: DataType = new Utf8()
      let value: unknown = "deep"
      for (let level = 0; level < depth; level++) {
        type = new List(new Field("item", type, true))
        value = [value]
      }
      return writeArrow(arrowTable([{ c: { type, values: [value] } }]), "stream")
    }
    const samples = await read(nested(100))
    expect(samples).toHaveLength(1)
    expect(await read(nested(600))).toBe("shard_limit")
  })
})

describe("a strange Arrow file is read: ", () => {
  it("without rows, without batches, without the mark of its end", async () => {
    expect(await read(writeArrow(arrowTable([{ image: { type: IMAGE, values: [] } }]), "file"))).toEqual([])
    const schema = await opened(STREAM, MESSAGE.schema)
    expect(await read(STREAM.subarray(0, endOf(schema.batch)))).toEqual([])
    expect(await read(STREAM.subarray(0, -8))).toHaveLength(8)
  })

  it("in the form of before version 0.15, cut short or not", async () => {
    const old = fixture("pictures-old-stream.arrow")
    const samples = await read(old)
    expect(samples).toHaveLength(24)
    expect(await read(old.subarray(0, -4))).toHaveLength(24)
    expect(await read(old.subarray(0, -400))).toBe("shard_malformed")
  })

  it("of a version that is too old, as such", async () => {
    const old = fixture("pictures-old-stream.arrow")
    const version = FlatTable.root(old.subarray(4)).placeOf(0, 2)!
    old.writeInt16LE(2, 4 + version)
    expect(await read(old)).toBe("shard_unsafe")
  })

  it("but other bytes that begin like one stay one item", async () => {
    const old = fixture("pictures-old-stream.arrow")
    const kind = FlatTable.root(old.subarray(4)).placeOf(1, 1)!
    const batch = Buffer.from(old)
    batch.writeUInt8(MESSAGE.batch, 4 + kind)
    const outside = Buffer.from(old)
    outside.writeUInt32LE(2 ** 31, 4)
    for (const other of [batch, outside, old.subarray(0, 100), Buffer.alloc(64, 16)]) {
      expect(await read(other)).toHaveLength(1)
    }
  })
})
