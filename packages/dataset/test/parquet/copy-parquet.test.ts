import { mkdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { sha256, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { parquetMetadata } from "hyparquet"
import { describe, expect, it } from "vitest"
import type { Item } from "../../src/readers/types.ts"
import { copyDataset, copyShard, datasetOf, type IsClear } from "../support/copying.ts"
import { duckdb } from "../support/duckdb.ts"

/** Every kind of column that DuckDB writes, with nulls in each. */
const EVERY_TYPE = `SELECT i AS n, i % 3 = 0 AS flag, (i % 100 - 50)::TINYINT AS tiny, (i * 7)::USMALLINT AS small,
  (i::BIGINT << 40) - 5 AS big, 18446744073709551000 + i AS huge, i / 7::FLOAT AS single, i / 3::DOUBLE AS twice,
  (i / 10)::DECIMAL(9, 2) AS money, (i / 10)::DECIMAL(30, 3) AS much, DATE '2024-01-01' + i::INTEGER AS day,
  TIMESTAMP '2024-01-01 00:00:00' + to_seconds(i) AS at, TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_seconds(i) AS zoned,
  TIME '00:00:01' AS clock, uuid_at AS id, INTERVAL (i) DAY AS span,
  CASE WHEN i % 4 = 0 THEN NULL ELSE 'text ' || (i % 5) END AS caption,
  CASE WHEN i % 5 = 0 THEN NULL ELSE ''::BLOB END AS empty_blob,
  CASE WHEN i % 5 = 0 THEN NULL ELSE encode('blob ' || i) || '\\x00\\xFF'::BLOB END AS data,
  CASE WHEN i % 6 = 0 THEN NULL WHEN i % 6 = 1 THEN [] ELSE [i, NULL, i + 1] END AS list,
  [[i::VARCHAR, NULL], [], NULL, ['x']] AS lists,
  CASE WHEN i % 7 = 0 THEN NULL ELSE {'bytes': encode('picture ' || i) || '\\x00'::BLOB, 'path': NULL::VARCHAR} END AS image,
  [{'bytes': '\\x00\\x01'::BLOB || encode('first ' || i), 'path': 'a'}, NULL, {'bytes': '\\x00\\x02'::BLOB, 'path': NULL}] AS images,
  MAP {'a': i, 'b': NULL} AS map, {'a': {'b': [i], 'c': CASE WHEN i % 2 = 0 THEN NULL ELSE i END}} AS deep,
  ('a' || i % 3)::ENUM('a0', 'a1', 'a2') AS kind
  FROM (SELECT i, ('00000000-0000-0000-0000-' || lpad(i::VARCHAR, 12, '0'))::UUID AS uuid_at FROM range(4500) r(i))`

const notRows =
  (...rows: readonly number[]): IsClear =>
  ({ place }) =>
    !rows.some((row) => place === `row ${row}.json`)

async function written(query: string, options: string): Promise<Buffer> {
  using folder = temporaryFolder()
  const path = `${folder.path}/x.parquet`
  mkdirSync(dirname(path), { recursive: true })
  await duckdb(`COPY (${query}) TO '${path}' (FORMAT parquet, ${options})`)
  return readFileSync(path)
}

const range = (start: number, end: number) => Array.from({ length: end - start }, (_, index) => start + index)

/** Expects DuckDB to read the same from a copy as from the source, in the same order, apart from some rows. */
async function expectRows(made: Made, dropped: readonly number[]): Promise<void> {
  const source = `SELECT * FROM '${made.folder.path}/in/s.parquet' WHERE n NOT IN (${dropped.join(",")})`
  const copy = `SELECT * FROM '${made.out}/s.parquet'`
  expect(await duckdb(`${source} EXCEPT ALL ${copy}`)).toEqual([])
  expect(await duckdb(`${copy} EXCEPT ALL ${source}`)).toEqual([])
  const order = (await duckdb(`SELECT n FROM '${made.out}/s.parquet'`)).map((row) => Number(row["n"]))
  expect(order).toEqual(range(0, 4500).filter((row) => !dropped.includes(row)))
}

type Made = Awaited<ReturnType<typeof datasetOf>>

const sourceOf = ({ folder }: Made) => readFileSync(`${folder.path}/in/s.parquet`)
const copyOf = ({ out }: Made) => readFileSync(`${out}/s.parquet`)

/** Expects row groups of the source to be in the copy with the same bytes, and the schema to be the same. */
function expectSameGroups(made: Made, groups: readonly number[]): void {
  const [source, copy] = [sourceOf(made), copyOf(made)]
  const kept = parquetMetadata(copy).row_groups.map((_, group) => sha256(groupBytes(copy, group)))
  for (const group of groups) expect(kept).toContain(sha256(groupBytes(source, group)))
  expect(parquetMetadata(copy).schema).toEqual(parquetMetadata(source).schema)
  expect(parquetMetadata(copy).created_by).toEqual(parquetMetadata(source).created_by)
}

/** The bytes of a row group's columns. */
function groupBytes(file: Buffer, group: number): Buffer {
  const { row_groups } = parquetMetadata(file)
  const parts = (row_groups[group]?.columns ?? []).map(({ meta_data }) => {
    const start = Number(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset)
    return file.subarray(start, start + Number(meta_data?.total_compressed_size))
  })
  return Buffer.concat(parts)
}

/** `npm run verify:long` tries every case. */
const isLong = process.env["NIGHTLIGHT_LONG"] !== undefined

describe.each(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"])(
  "a Parquet file with %s pages",
  (codec) => {
    it.each(isLong || codec === "snappy" ? ["V1", "V2"] : ["V1"])(
      "is copied byte for byte, or without a row and otherwise unchanged (version %s)",
      async (version) => {
        const options = `COMPRESSION ${codec}, PARQUET_VERSION ${version}, ROW_GROUP_SIZE 2048`
        using made = await datasetOf({ "s.parquet": await written(EVERY_TYPE, options) })
        const [whole] = await copyDataset(made.plan, made.out)
        expect(whole).toMatchObject({ itemsDropped: 0, samplesDropped: 0, outputSha256: sha256(sourceOf(made)) })
        const [result] = await copyDataset(made.plan, made.out, notRows(2500))
        expect(result).toMatchObject({ samplesDropped: 1 })
        await expectRows(made, [2500])
        expectSameGroups(made, [0, 2])
      },
    )
  },
)

describe("the clean copy of a Parquet file", () => {
  it.each([
    { name: "the first and last row", rows: [0, 4499], groups: [1] },
    { name: "every row of a group", rows: range(0, 2048), groups: [1, 2] },
    { name: "all rows but one", rows: range(1, 4500), groups: [] },
  ])("keeps every other value, and other row groups' bytes, without $name", async ({ rows, groups }) => {
    using made = await datasetOf({ "s.parquet": await written(EVERY_TYPE, "ROW_GROUP_SIZE 2048") })
    const [result] = await copyDataset(made.plan, made.out, notRows(...rows))
    expect(result).toMatchObject({ samplesDropped: rows.length })
    await expectRows(made, rows)
    expectSameGroups(made, groups)
  })

  it("is a file without rows where all are withheld", async () => {
    using made = await datasetOf({ "s.parquet": await written("SELECT 1 AS n", "ROW_GROUP_SIZE 2048") })
    await copyDataset(made.plan, made.out, () => false)
    expect(await duckdb(`SELECT * FROM '${made.out}/s.parquet'`)).toEqual([])
    expect(await duckdb(`DESCRIBE SELECT * FROM '${made.out}/s.parquet'`)).toMatchObject([{ column_name: "n" }])
  })

  it("is read again, and gives the same items", async () => {
    using made = await datasetOf({ "s.parquet": await written(EVERY_TYPE, "ROW_GROUP_SIZE 2048") })
    const seen: string[] = []
    await copyDataset(made.plan, made.out, (item) => {
      if (!/^row 5[ .]/.test(item.place)) seen.push(describeItem(item))
      return !/^row 5[ .]/.test(item.place)
    })
    const again: string[] = []
    using copied = await datasetOf({ "s.parquet": copyOf(made) })
    await copyDataset(copied.plan, copied.out, (item) => again.push(describeItem(item)) > 0)
    expect(again).toEqual(seen)
    expect(sha256(copyOf(copied))).toBe(sha256(copyOf(made)))
  })
})

/** An item without its row's number. */
const describeItem = ({ place, sizeBytes }: Item) => `${place.replace(/^row \d+/, "")} ${sizeBytes}`

describe("a purged Parquet file", () => {
  it("keeps every other row", async () => {
    using made = await datasetOf({ "s.parquet": await written(EVERY_TYPE, "ROW_GROUP_SIZE 2048") })
    await copyShard(made.plan.root, made.plan.shards[0]!, made.out, { mode: "purge", isClear: notRows(7) })
    await expectRows(made, [7])
  })
})
