import { readFileSync } from "node:fs"
import { parquetMetadata, parquetReadObjects, readOffsetIndex } from "hyparquet"
import { ByteWriter, parquetWrite } from "hyparquet-writer"
import { describe, expect, it } from "vitest"
import { footerOf, keepFooter } from "../../src/containers/parquet/kept-footers.ts"
import { listingOf } from "../../src/plan/open-shard.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import { bytesSource } from "../../src/readers/source.ts"
import { copyDataset, copyShard, datasetOf, type IsClear } from "../support/copying.ts"

const HUGGINGFACE = JSON.stringify({ info: { features: { image: { _type: "Image" } } } })
const KEY_VALUES = [
  { key: "huggingface", value: HUGGINGFACE },
  { key: "ARROW:schema", value: "/////kept/as/it/is==" },
]

/** A file of three row groups with page indexes, bloom filters and key-value metadata. */
function indexedFile(): Uint8Array {
  const writer = new ByteWriter()
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  void parquetWrite({
    writer,
    columnData: [
      { name: "n", data: numbers, type: "INT32", columnIndex: true, offsetIndex: true, bloomFilter: true },
      { name: "t", data: numbers.map((n) => `text ${n}`), type: "STRING", columnIndex: true, offsetIndex: true },
    ],
    rowGroupSize: 100,
    pageSize: 128,
    createdBy: "another writer",
    kvMetadata: KEY_VALUES,
  })
  return writer.getBytes()
}

describe("the footer of a Parquet file", () => {
  it("is read once, although a scan first looks whether the file is read by columns", async () => {
    using made = await datasetOf({ "s.parquet": indexedFile() })
    const listing = listingOf(made.plan.shards[0]!)
    const file = bytesSource(indexedFile())
    let reads = 0
    const source = {
      ...file,
      read(offset: number, length: number) {
        reads++
        return file.read(offset, length)
      },
    }
    const shard = { listing, limits: DEFAULT_READER_LIMITS }
    const footer = await footerOf(shard, source)
    const before = reads
    keepFooter(listing, footer)
    expect(await footerOf(shard, source)).toBe(footer)
    expect(reads).toBe(before)
    expect((await footerOf(shard, source)).rows).toBe(footer.rows)
    expect(reads).toBe(2 * before)
  })
})

const withoutRow =
  (row: number): IsClear =>
  ({ place }) =>
    place !== `row ${row}.json`

async function copyOf(isClear: IsClear, mode: "clean" | "purge" = "clean"): Promise<Buffer> {
  using made = await datasetOf({ "s.parquet": indexedFile() })
  await copyShard(made.plan.root, made.plan.shards[0]!, made.out, { mode, isClear })
  return readFileSync(`${made.out}/s.parquet`)
}

const arrayBuffer = (bytes: Uint8Array) => new Uint8Array(bytes).buffer

describe("the footer of a Parquet file that lost rows", () => {
  it("keeps key-value metadata and its writer's name", async () => {
    const metadata = parquetMetadata(arrayBuffer(await copyOf(withoutRow(150))))
    expect(metadata.key_value_metadata).toEqual(KEY_VALUES)
    expect(metadata.created_by).toBe("another writer")
    expect(Number(metadata.num_rows)).toBe(299)
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([100, 99, 100])
  })

  it.each(["clean", "purge"] as const)("leads to every page by the indexes that were copied (%s)", async (mode) => {
    const copy = await copyOf(withoutRow(0), mode)
    const { row_groups } = parquetMetadata(arrayBuffer(copy))
    const [rewritten, ...others] = row_groups
    for (const column of rewritten!.columns) {
      expect(column.offset_index_offset).toBeUndefined()
      expect(column.column_index_offset).toBeUndefined()
      expect(column.meta_data?.bloom_filter_offset).toBeUndefined()
      expect(column.meta_data?.statistics).toBeUndefined()
    }
    for (const column of others.flatMap(({ columns }) => columns)) {
      const start = Number(column.offset_index_offset)
      const bytes = copy.subarray(start, start + Number(column.offset_index_length))
      const { page_locations } = readOffsetIndex({ view: new DataView(arrayBuffer(bytes)), offset: 0 })
      expect(page_locations[0]?.offset).toBe(column.meta_data?.data_page_offset)
      expect(page_locations.length).toBeGreaterThan(1)
      expect(Number(column.column_index_offset)).toBeGreaterThan(0)
    }
    const rows = await parquetReadObjects({ file: arrayBuffer(copy) })
    expect(rows.map((row) => row["n"])).toEqual(Array.from({ length: 299 }, (_, index) => index + 1))
  })

  it("loses the key-value metadata where that is withheld, and no row", async () => {
    const copy = await copyOf(({ place }) => place !== "file metadata")
    const metadata = parquetMetadata(arrayBuffer(copy))
    expect(metadata.key_value_metadata).toBeUndefined()
    expect(Number(metadata.num_rows)).toBe(300)
    expect(copy.includes("huggingface")).toBe(false)
  })

  it("copies no bytes that belong to nothing", async () => {
    const file = Buffer.from(indexedFile())
    const { metadata_length: length } = parquetMetadata(arrayBuffer(file))
    const footerStart = file.length - 8 - length
    const hidden = Buffer.concat([
      file.subarray(0, footerStart),
      Buffer.from("hidden bytes"),
      file.subarray(footerStart),
    ])
    using made = await datasetOf({ "s.parquet": hidden })
    await copyDataset(made.plan, made.out)
    const copy = readFileSync(`${made.out}/s.parquet`)
    expect(copy.includes("hidden")).toBe(false)
    expect(await parquetReadObjects({ file: arrayBuffer(copy) })).toHaveLength(300)
  })
})
