import { createHash } from "node:crypto"
import { cpSync, mkdirSync, utimesSync } from "node:fs"
import { compact } from "@nightlight/core"
import { noSignal } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { expect, it } from "vitest"
import { exportDatacompLists } from "../src/datacomp/export-lists.ts"
import { locateFinding } from "../src/findings/locate-finding.ts"
import { runPurge } from "../src/purge/run-purge.ts"
import { duckdb } from "./support/duckdb.ts"
import { uidsIn } from "./support/npy.ts"
import { BASIS } from "./support/purges.ts"
import { findingsOf } from "./support/scans.ts"

const ROWS = 1_200_000
const LISTED = [7, 700_000, 1_199_999]
const digest = (type: string, row: number) => createHash(type).update(String(row)).digest("hex")
const listOf = (rows: readonly number[]) =>
  rows.map((row) => ({ hashType: "sha256" as const, hash: digest("sha256", row), category: "A1" }))

it("a table of more than a million rows names a row that was found, loses the known ones, and its lists have every uid", async () => {
  using test = await testWorkspace()
  mkdirSync(test.pathOf("data"))
  const path = test.pathOf("data", "pool.parquet")
  await duckdb(
    `COPY (SELECT md5(i::VARCHAR) AS uid, 'https://h' || (i % 9000) || '.example/' || i AS url, 'a caption' AS text,
      i % 400 AS original_width, sha256(i::VARCHAR) AS sha256 FROM range(${ROWS}) t(i))
      TO '${path}' (FORMAT parquet)`,
  )
  await importRecords(test.workspace, listOf(LISTED))
  await scan(test.workspace, { inputs: [test.pathOf("data")] })

  const keep = test.pathOf("keep.npy")
  const lists = await exportDatacompLists(test.workspace, { keep }, {}, noSignal)
  expect(lists).toMatchObject({ kept: ROWS - 3, removed: 3, repeated: 0 })
  expect(uidsIn(lists.removedList)).toEqual(LISTED.map((row) => digest("md5", row)).toSorted())
  const kept = uidsIn(keep)
  expect(kept.every((uid, index) => index === 0 || (kept[index - 1] ?? "") < uid)).toBe(true)

  const idOf = findingsOf(test.workspace).find(({ sample }) => sample === LISTED[1])?.id ?? ""
  expect(await locateFinding(test.workspace, idOf, noSignal)).toMatchObject({
    file: path,
    member: `row ${LISTED[1]}.json`,
    content: "same",
  })

  const copies = ["data", "touched", "unlisted"]
  for (const copy of copies.slice(1)) cpSync(test.pathOf("data"), test.pathOf(copy), { recursive: true })
  const purge = (from?: string) =>
    runPurge(test.workspace, compact({ scan: "s-000001", basis: BASIS, includeReview: true, from }), {}, noSignal)
  utimesSync(path, 1, 1)
  expect(await locateFinding(test.workspace, idOf, noSignal)).toMatchObject({ content: "moved" })
  const removed = { samplesRemoved: 3, gone: 0, failed: [] }
  expect(await purge()).toMatchObject(removed)
  expect(await purge()).toMatchObject({ samplesRemoved: 0, gone: 3, failed: [] })
  await expect(locateFinding(test.workspace, idOf, noSignal)).rejects.toMatchObject({ code: "not_found" })
  utimesSync(test.pathOf("touched", "pool.parquet"), 1, 1)
  expect(await purge(test.pathOf("touched"))).toMatchObject(removed)
  await importRecords(test.workspace, listOf([ROWS]))
  expect(await purge(test.pathOf("unlisted"))).toMatchObject(removed)
  for (const copy of copies) {
    const [left] = await duckdb(
      `SELECT count(*)::INTEGER AS rows, count(DISTINCT uid)::INTEGER AS uids,
        count(*) FILTER (uid IN (${LISTED.map((row) => `'${digest("md5", row)}'`).join()}))::INTEGER AS listed
        FROM '${test.pathOf(copy, "pool.parquet")}'`,
    )
    expect(left).toEqual({ rows: ROWS - 3, uids: ROWS - 3, listed: 0 })
  }
}, 600_000)
