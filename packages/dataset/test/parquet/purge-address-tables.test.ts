import { createHash, hash } from "node:crypto"
import { cpSync, mkdirSync, readFileSync, utimesSync } from "node:fs"
import { addressHash, urlEntryKey } from "@nightlight/core"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { noSignal } from "@nightlight/dev-env/dataset/shards"
import {
  copyWorkspace,
  importRecords,
  scan,
  type TestWorkspace,
  testWorkspace,
} from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type PurgeRequest, runPurge } from "../../src/purge/run-purge.ts"
import type { Workspace } from "../../src/workspace/workspace.ts"
import { duckdb } from "../support/duckdb.ts"
import { BASIS } from "../support/purges.ts"
import { receiptsOf } from "../support/scans.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const entryOf = (text: string) => addressHash(urlEntryKey(text) ?? "", hash("sha256", urlEntryKey(text) ?? ""))

const ROWS = 600
/** Known rows: five in each file. */
const FOUND = 10
const TABLE = `SELECT md5(i::VARCHAR) AS uid,
  CASE WHEN i % 97 = 0 THEN NULL ELSE 'https://h' || (i % 200) || '.example/p/' || i || '.jpg' END AS url,
  CASE WHEN i % 7 = 0 THEN 'é ' || repeat('words of a caption ', i % 20) ELSE 'a caption' END AS text,
  i % 400 AS original_width, [[0.1, 0.2]] AS face_bboxes,
  CASE WHEN i % 5 = 0 THEN NULL ELSE sha256(i::VARCHAR) END AS sha256
  FROM range(${ROWS}) t(i)`
const FILES = {
  "snappy.parquet": "COMPRESSION snappy",
  "zstd.parquet": "COMPRESSION zstd, PARQUET_VERSION v2, KV_METADATA {made: 'here'}",
}

let test: TestWorkspace
beforeAll(async () => {
  test = await testWorkspace()
  mkdirSync(test.pathOf("data"))
  const picture = Buffer.from(await jpeg(1)).toString("base64")
  await duckdb(
    `CREATE TABLE t AS ${TABLE}`,
    `UPDATE t SET text = 'see data:image/jpeg;base64,${picture}' WHERE uid = md5('77')`,
    ...Object.entries(FILES).map(
      ([name, options]) => `COPY t TO '${test.pathOf("data", name)}' (FORMAT parquet, ROW_GROUP_SIZE 100, ${options})`,
    ),
  )
  await importRecords(test.workspace, [
    { hashType: "sha256", hash: sha256("123"), category: "A1" },
    {
      hashType: "sha256",
      hash: createHash("sha256")
        .update(await jpeg(1))
        .digest("hex"),
      category: "A1",
    },
    { hashType: "url", hash: entryOf("h149.example"), category: "A1" },
  ])
  await scan(test.workspace, { inputs: [test.pathOf("data")], columnRows: 1 })
  cpSync(test.pathOf("data"), test.pathOf("original"), { recursive: true, preserveTimestamps: true })
})
afterAll(() => test[Symbol.dispose]())

let copies = 0
/** Purges the dataset, which is put back before. */
async function purged(
  request: Partial<PurgeRequest>,
  prepare: (workspace: Workspace) => Promise<void> | void = () => {},
) {
  cpSync(test.pathOf("original"), test.pathOf("data"), { recursive: true, preserveTimestamps: true, force: true })
  const workspace = await copyWorkspace(test, test.pathOf(`workspace-${copies++}`))
  await prepare(workspace)
  const choices = { scan: "s-000001", basis: BASIS, includeReview: true, ...request }
  const report = await runPurge(workspace, choices, {}, noSignal)
  const bytes = Object.keys(FILES).map((name) => readFileSync(test.pathOf("data", name)).toString("base64"))
  return { report, bytes, again: () => runPurge(workspace, choices, {}, noSignal) }
}

/** Gives the files another time, so that they do not count as those that were scanned. */
function touch(): void {
  for (const name of Object.keys(FILES)) utimesSync(test.pathOf("data", name), 1, 1)
}

describe("a purge of tables of addresses and digests", () => {
  it("writes the same files by columns as row by row, whether or not the files and the lists are as they were", async () => {
    const byRows = await purged({ columnRows: ROWS + 1 })
    expect(byRows.report).toMatchObject({ gone: 0, undecided: 0, failed: [] })
    expect(byRows.report.samplesRemoved).toBe(FOUND)
    const asScanned = await purged({ columnRows: 1 })
    const touched = await purged({ columnRows: 1 }, touch)
    const withoutLists = await purged({ columnRows: 1 }, async (workspace) => {
      touch()
      await importRecords(workspace, [{ hashType: "sha256", hash: sha256("another"), category: "A1" }])
    })
    for (const byColumns of [asScanned, touched, withoutLists]) {
      expect(byColumns.report).toEqual({ ...byRows.report, purge: byColumns.report.purge })
      expect(byColumns.bytes).toEqual(byRows.bytes)
    }
    const [left] = await duckdb(
      `SELECT count(*)::INTEGER AS rows, count(*) FILTER (url LIKE '%h149.%')::INTEGER AS listed
        FROM read_parquet('${test.pathOf("data", "*.parquet")}')`,
    )
    expect(left).toEqual({ rows: 2 * (ROWS - 5), listed: 0 })
    const nothing = { itemsRemoved: 0, failed: [], gone: byRows.report.itemsRemoved }
    expect(await touched.again()).toMatchObject(nothing)
    expect(await withoutLists.again()).toMatchObject(nothing)
  })

  it("finds rows that moved since, in the source and in a copy", async () => {
    const reversed = (folder: string) =>
      `COPY (SELECT * FROM '${test.pathOf("original", "snappy.parquet")}' ORDER BY original_width DESC, uid)
        TO '${test.pathOf(folder, "snappy.parquet")}' (FORMAT parquet, ROW_GROUP_SIZE 150)`
    mkdirSync(test.pathOf("copy"))
    await duckdb(reversed("copy"))
    const inCopy = await purged({ columnRows: 1, from: test.pathOf("copy") })
    expect(inCopy.report).toMatchObject({ samplesRemoved: 5, gone: 0, failed: [] })
    expect(inCopy.report.shards.map(({ path }) => path)).toEqual(["snappy.parquet"])
    await duckdb(reversed("copy"))
    const inSource = await purged({ columnRows: 1 }, () =>
      cpSync(test.pathOf("copy", "snappy.parquet"), test.pathOf("data", "snappy.parquet")),
    )
    expect(inSource.report).toMatchObject({ samplesRemoved: FOUND, gone: 0, failed: [] })
    expect(inSource.bytes[0]).toBe(readFileSync(test.pathOf("data", "snappy.parquet")).toString("base64"))
  })

  it("changes nothing where it is only tried, and says what it would remove", async () => {
    const { report, bytes } = await purged({ columnRows: 1, dryRun: true })
    expect(report).toMatchObject({ samplesRemoved: FOUND, dryRun: true })
    expect(bytes).toEqual(
      Object.keys(FILES).map((name) => readFileSync(test.pathOf("original", name)).toString("base64")),
    )
    expect(receiptsOf(test.workspace).size).toBe(2)
  })
})
