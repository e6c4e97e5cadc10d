import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, membersOf, plainTar, sha256 } from "@nightlight/dev-env/dataset/shards"
import { importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { blob, duckdb } from "../support/duckdb.ts"
import { KEYS, members, rawOf, STATS, writeTable } from "../support/img2dataset.ts"
import { nightlight } from "../support/in-process.ts"
import { BASIS, purge } from "../support/purges.ts"
import { findingsOf } from "../support/scans.ts"

async function scanned(test: TestWorkspace, ...keys: readonly string[]): Promise<void> {
  await importRecords(
    test.workspace,
    await Promise.all(keys.map(async (key) => digestRecord(await rawOf(key), "sha256"))),
  )
  await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
}

const keysIn = async (path: string) => (await duckdb(`SELECT key FROM '${path}'`)).map((row) => row["key"])

describe("img2dataset's output", () => {
  it("in tars loses what the raw download's digest in its table names, and table and counts stay true", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "00000.tar": plainTar(await members()),
      "00000_stats.json": JSON.stringify(STATS, null, 4),
    })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await scanned(test, "000000001", "000000003")
    const copy = filesBelow(test.pathOf("clean"))
    expect((await membersOf(copy["00000.tar"]!)).map(([name]) => name)).toEqual(
      ["000000000", "000000002"].flatMap((key) => [`${key}.jpg`, `${key}.txt`]),
    )
    expect(await keysIn(test.pathOf("clean", "00000.parquet"))).toEqual(["000000000", "000000002"])
    expect(JSON.parse(String(copy["00000_stats.json"]))).toEqual({
      ...STATS,
      count: 2,
      successes: 2,
      failed_to_download: 0,
      status_dict: { success: 2 },
    })
    // The picture in the tar, and both rows.
    expect(findingsOf(test.workspace)).toHaveLength(3)
  })

  it("loses the row of a picture that was recognised by itself", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "00000.tar": plainTar(await members()) })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await importRecords(test.workspace, [digestRecord(await jpeg(1), "sha256")])
    await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(await keysIn(test.pathOf("clean", "00000.parquet"))).toEqual(["000000001", "000000002", "000000003"])
  })

  it("is copied byte for byte where nothing is withheld", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "00000.tar": plainTar(await members()),
      "00000_stats.json": JSON.stringify(STATS, null, 4),
    })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await scanned(test, "000000009")
    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("data")))
  })

  it("in folders loses files and rows, and its counts stay true", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), await members("00000/"))
    writeFiles(test.pathOf("data"), { "00000_stats.json": JSON.stringify(STATS, null, 4) })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await scanned(test, "000000001")
    const copy = filesBelow(test.pathOf("clean"))
    expect(Object.keys(copy).filter((name) => name.includes("000000001"))).toEqual([])
    expect(copy["00000/000000000.jpg"]).toBeDefined()
    expect(await keysIn(test.pathOf("clean", "00000.parquet"))).toEqual(["000000000", "000000002", "000000003"])
    expect(JSON.parse(String(copy["00000_stats.json"]))).toEqual({
      ...STATS,
      count: 3,
      successes: 2,
      status_dict: { success: 2, timeout: 1 },
    })
  })

  it.each(["tars", "folders"])("in %s loses the row of a failed download from its counts", async (form) => {
    using test = await testWorkspace()
    const text = JSON.stringify({ ...STATS, status_dict: { timeout: 1, success: 3 } }, null, 4)
    writeFiles(
      test.pathOf("data"),
      form === "tars" ? { "00000.tar": plainTar(await members()) } : await members("00000/"),
    )
    writeFiles(test.pathOf("data"), { "00000_stats.json": text })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await scanned(test, "000000003")
    expect(await keysIn(test.pathOf("clean", "00000.parquet"))).toEqual(KEYS)
    const left = { ...STATS, count: 3, failed_to_download: 0, status_dict: { success: 3 } }
    expect(readFileSync(test.pathOf("clean", "00000_stats.json"), "utf8")).toBe(JSON.stringify(left, null, 4))
  })

  it("loses its counts where the table does not say which downloads failed", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "00000.tar": plainTar(await members()),
      "00000_stats.json": JSON.stringify(STATS),
    })
    const rows = await Promise.all(KEYS.map(async (key) => `('${key}', '${sha256(await rawOf(key))}')`))
    await duckdb(
      `COPY (SELECT * FROM (VALUES ${rows.join(",")}) t(key, sha256)) TO '${test.pathOf("data", "00000.parquet")}' (FORMAT parquet)`,
    )
    await scanned(test, "000000001")
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["00000.parquet", "00000.tar"])
  })

  it("in Parquet loses rows, of failed downloads too, and its counts stay true", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "00000_stats.json": JSON.stringify(STATS) })
    const rows = await Promise.all(
      KEYS.map(async (key, index) => {
        const outcome = "'success', NULL"
        return `('${key}', ${blob(await jpeg(index + 1))}, ${outcome}, '${sha256(await rawOf(key))}')`
      }),
    )
    rows.push(`('000000003', NULL, 'failed_to_download', 'timeout', '${sha256(await rawOf("000000003"))}')`)
    const path = test.pathOf("data", "00000.parquet")
    await duckdb(
      `COPY (SELECT * FROM (VALUES ${rows.join(",")}) t(key, jpg, status, error_message, sha256)) TO '${path}' (FORMAT parquet)`,
    )
    await scanned(test, "000000000", "000000003")
    expect(await keysIn(test.pathOf("clean", "00000.parquet"))).toEqual(["000000001", "000000002"])
    expect(JSON.parse(readFileSync(test.pathOf("clean", "00000_stats.json"), "utf8"))).toEqual({
      ...STATS,
      count: 2,
      successes: 2,
      failed_to_download: 0,
      status_dict: { success: 2 },
    })
  })
})

describe("img2dataset's output after a purge", () => {
  it.each(["tars", "folders"])("in %s has true counts where pictures go with their rows", async (form) => {
    using test = await testWorkspace()
    writeFiles(
      test.pathOf("data"),
      form === "tars" ? { "00000.tar": plainTar(await members()) } : await members("00000/"),
    )
    writeFiles(test.pathOf("data"), { "00000_stats.json": JSON.stringify(STATS, null, 4) })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await scanned(test, "000000001", "000000003")
    const report = await purge(test, { basis: BASIS, includeReview: true })
    expect(report.shards.flatMap(({ stale }) => stale)).not.toContain("00000_stats.json")
    expect(await keysIn(test.pathOf("data", "00000.parquet"))).toEqual(["000000000", "000000002"])
    const left = { ...STATS, count: 2, successes: 2, failed_to_download: 0, status_dict: { success: 2 } }
    expect(readFileSync(test.pathOf("data", "00000_stats.json"), "utf8")).toBe(JSON.stringify(left, null, 4))
    // As if a purge had been killed before it wrote them.
    writeFiles(test.pathOf("data"), { "00000_stats.json": JSON.stringify(STATS, null, 4) })
    await purge(test, { basis: BASIS, includeReview: true })
    expect(readFileSync(test.pathOf("data", "00000_stats.json"), "utf8")).toBe(JSON.stringify(left, null, 4))
  })

  it("names counts that cannot be written as stale, and the next purge writes them", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "00000.tar": plainTar(await members()),
      "00000_stats.json": JSON.stringify(STATS),
    })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await scanned(test, "000000003")
    const name = test.pathOf("data", "00000_stats.json")
    const folderInTheWay = () => {
      rmSync(name)
      mkdirSync(join(name, "folder"), { recursive: true })
    }
    const report = await purge(test, { basis: BASIS, includeReview: true }, { onPlan: folderInTheWay })
    expect(report).toMatchObject({ itemsRemoved: 1, failed: [] })
    expect(report.shards.flatMap(({ stale }) => stale)).toEqual(["00000_stats.json"])
    rmSync(name, { recursive: true })
    writeFiles(test.pathOf("data"), { "00000_stats.json": JSON.stringify(STATS) })
    await purge(test, { basis: BASIS, includeReview: true })
    expect(JSON.parse(readFileSync(name, "utf8"))).toMatchObject({ count: 3, failed_to_download: 0 })
  })

  it("names its counts as stale where the row of a removed picture stays", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "00000.tar": plainTar(await members()),
      "00000_stats.json": JSON.stringify(STATS, null, 4),
    })
    await writeTable(test.pathOf("data", "00000.parquet"))
    await importRecords(test.workspace, [digestRecord(await jpeg(1), "sha256")])
    await nightlight(test.root, "scan", test.pathOf("data"))
    const report = await purge(test, { basis: BASIS })
    expect(report.shards.flatMap(({ stale }) => stale)).toEqual(
      expect.arrayContaining(["00000.parquet", "00000_stats.json"]),
    )
    expect(readFileSync(test.pathOf("data", "00000_stats.json"), "utf8")).toBe(JSON.stringify(STATS, null, 4))
  })
})

describe("img2dataset's output that was scanned before", () => {
  it.each([
    ["tars", ""],
    ["folders", "00000/"],
  ])("in %s is screened again where only its table changed", async (_, prefix) => {
    using test = await testWorkspace()
    const files = await members(prefix)
    writeFiles(test.pathOf("data"), prefix === "" ? { "00000.tar": plainTar(files) } : files)
    const table = test.pathOf("data", "00000.parquet")
    await duckdb(`COPY (SELECT '000000001' AS key, repeat('0', 64) AS sha256) TO '${table}' (FORMAT parquet)`)
    await scanned(test, "000000001")
    expect(findingsOf(test.workspace)).toEqual([])
    await writeTable(table)
    await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    const left = filesBelow(test.pathOf("clean"))
    const names = prefix === "" ? (await membersOf(left["00000.tar"]!)).map(([name]) => name) : Object.keys(left)
    expect(names.filter((name) => name.includes("000000001"))).toEqual([])
    expect(names.filter((name) => name.includes("000000002"))).toHaveLength(2)
    expect(await keysIn(test.pathOf("clean", "00000.parquet"))).toEqual(["000000000", "000000002", "000000003"])
  })
})

describe("metadata.parquet", () => {
  it("loses the rows of pictures that are withheld", async () => {
    using test = await testWorkspace()
    const pictures = { "train/a.jpg": await jpeg(1), "train/sub/b.jpg": await jpeg(2), "train/c.jpg": await jpeg(3) }
    writeFiles(test.pathOf("data"), pictures)
    const table = test.pathOf("data", "train", "metadata.parquet")
    await duckdb(
      `COPY (SELECT * FROM (VALUES ('a.jpg', 1), ('sub/b.jpg', 2), ('c.jpg', 3), ('../x.jpg', 4)) t(file_name, n))
        TO '${table}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [digestRecord(await jpeg(2), "sha256")])
    await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    const left = await duckdb(`SELECT file_name, n FROM '${test.pathOf("clean", "train", "metadata.parquet")}'`)
    expect(left).toEqual([
      { file_name: "a.jpg", n: 1 },
      { file_name: "c.jpg", n: 3 },
    ])
    expect(existsSync(test.pathOf("clean", "train", "sub", "b.jpg"))).toBe(false)
  })
})
