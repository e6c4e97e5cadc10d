import { createHash, hash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { addressHash, urlEntryKey } from "@nightlight/core"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { copyWorkspace, importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { readDigest } from "../../src/readers/digest-text.ts"
import { duckdb } from "../support/duckdb.ts"
import { comparable, findingsOf, receiptsOf } from "../support/scans.ts"

const LISTED_UUID = 963
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const entryOf = (text: string) => addressHash(urlEntryKey(text) ?? "", hash("sha256", urlEntryKey(text) ?? ""))

/** Whether this process has a file open. */
function isOpen(path: string): boolean {
  return readdirSync("/proc/self/fd").some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  })
}

const ROWS = 600
/** Addresses and digests as LAION and DataComp keep them, with odd ones. */
const TABLE = `SELECT md5(i::VARCHAR) AS uid,
  CASE WHEN i % 97 = 0 THEN NULL WHEN i % 89 = 0 THEN 'no address' ELSE
    'https://h' || (i % 200) || '.example/p/' || i || '.jpg' || CASE WHEN i % 3 = 0 THEN '?w=1' ELSE '' END END AS url,
  CASE WHEN i % 7 = 0 THEN 'é ' || repeat('words of a caption ', i % 20) ELSE 'a caption' END AS text,
  i % 400 AS original_width, [[0.1, 0.2]] AS face_bboxes,
  CASE WHEN i % 5 = 0 THEN NULL ELSE sha256(i::VARCHAR) END AS sha256, md5((i * 3)::VARCHAR) AS hash,
  'https://p' || (i % 150) || '.example/' AS "pageUrl", to_base64(unhex(sha256('raw ' || i))) AS raw_sha256
  FROM range(${ROWS}) t(i)`

describe("a table of addresses and digests", () => {
  it("has a digest found by columns in every spelling that is read row by row", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const sha1 = "234567abcdef".repeat(3).slice(0, 32)
    const wide = sha256("with wide spaces")
    await duckdb(
      `COPY (SELECT unnest([repeat('\u3000', 40) || '${wide}', '${"b".repeat(64)}']) AS sha256,
        unnest(['${"0".repeat(40)}', '${sha1}']) AS sha1)
      TO '${test.pathOf("data", "part.parquet")}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [
      { hashType: "sha256", hash: wide, category: "A1" },
      { hashType: "sha1", hash: readDigest(sha1, 20) ?? "", category: "A1" },
    ])
    for (const columnRows of [3, 1]) {
      const workspace = await copyWorkspace(test, test.pathOf(`workspace-${columnRows}`))
      await scan(workspace, { inputs: [test.pathOf("data")], columnRows })
      expect(receiptsOf(workspace).get("part.parquet")?.decisions).toMatchObject({ review: 2 })
    }
  })

  it.each(["COMPRESSION snappy", "COMPRESSION zstd, PARQUET_VERSION v2", "COMPRESSION uncompressed"])(
    "gives the same findings and the same clean copy by columns as row by row (%s)",
    async (options) => {
      using test = await testWorkspace()
      mkdirSync(test.pathOf("data"))
      const path = test.pathOf("data", "part.parquet")
      const picture = Buffer.from(await jpeg(1)).toString("base64")
      await duckdb(
        `CREATE TABLE t AS ${TABLE}`,
        `UPDATE t SET text = 'see data:image/jpeg;base64,${picture}' WHERE uid = md5('77')`,
        `COPY t TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 100, ${options})`,
      )
      await importRecords(test.workspace, [
        { hashType: "sha256", hash: sha256("123"), category: "A1" },
        { hashType: "md5", hash: createHash("md5").update("300").digest("hex"), category: "A1" },
        { hashType: "url", hash: entryOf("https://h7.example/p/7.jpg"), category: "A1" },
        { hashType: "url", hash: entryOf("h149.example"), category: "A1" },
        { hashType: "url", hash: entryOf("p42.example"), category: "A1" },
        { hashType: "sha256", hash: sha256("raw 55"), category: "A1" },
      ])
      const results = []
      for (const columnRows of [ROWS + 1, 1]) {
        const workspace = await copyWorkspace(test, test.pathOf(`workspace-${columnRows}`))
        const out = test.pathOf(`clean-${columnRows}`)
        await scan(workspace, { inputs: [test.pathOf("data")], out, columnRows })
        const receipt = receiptsOf(workspace).get("part.parquet")
        const { samples, items, decisions, withheldSamples, clean, poison } = receipt ?? {}
        const findings = comparable(findingsOf(workspace))
        results.push({ findings, counts: { samples, items, decisions, withheldSamples, clean, poison } })
      }
      const [byRows, byColumns] = results
      expect(byColumns).toEqual(byRows)
      expect(byRows?.findings.length).toBe(11)
      const bytes = (columnRows: number) => readFileSync(test.pathOf(`clean-${columnRows}`, "part.parquet"))
      expect(bytes(1).equals(bytes(ROWS + 1))).toBe(true)
      const [count] = await duckdb(`SELECT count(*)::INTEGER AS rows FROM '${test.pathOf("clean-1", "part.parquet")}'`)
      expect(count).toEqual({ rows: byRows?.counts.clean?.rows?.written })
    },
    60_000,
  )

  it.each([1, 1_000])(
    "looks up MD5 in a column of type UUID, with columns read by themselves from %i rows on",
    async (columnRows) => {
      using test = await testWorkspace()
      const record = digestRecord(await jpeg(LISTED_UUID), "md5")
      mkdirSync(test.pathOf("data"), { recursive: true })
      await duckdb(
        `COPY (SELECT 'https://a.example/' || i AS url, CASE WHEN i = 1 THEN '${record.hash}' ELSE md5(i::VARCHAR) END::UUID AS md5
        FROM range(3) t(i)) TO '${test.pathOf("data", "part.parquet")}' (FORMAT parquet)`,
      )
      await importRecords(test.workspace, [record])
      await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean"), columnRows })
      expect(await duckdb(`SELECT url FROM '${test.pathOf("clean", "part.parquet")}'`)).toEqual([
        { url: "https://a.example/0" },
        { url: "https://a.example/2" },
      ])
    },
  )

  it("with lists of whole numbers is read row by row, since they may be the bytes of a picture", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const listed = await jpeg(2)
    await duckdb(
      `COPY (SELECT 'https://a.example/' || i AS url, CASE WHEN i = 1 THEN [${[...listed].join()}] ELSE [1, 2] END::UTINYINT[] AS px
        FROM range(3) t(i)) TO '${test.pathOf("data", "part.parquet")}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [digestRecord(listed, "sha1")])
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean"), columnRows: 1 })
    expect(findingsOf(test.workspace)).toMatchObject([{ sample: 1, kind: "picture", matches: [{ hashType: "sha1" }] }])
    const left = await duckdb(`SELECT url FROM '${test.pathOf("clean", "part.parquet")}'`)
    expect(left.map(({ url }) => url)).toEqual(["https://a.example/0", "https://a.example/2"])
  })

  it("is opened while the index is still being read", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    await duckdb(`COPY (${TABLE}) TO '${test.pathOf("data", "part.parquet")}' (FORMAT parquet)`)
    await importRecords(test.workspace, [{ hashType: "sha256", hash: sha256("123"), category: "A1" }])
    const workspace = {
      ...test.workspace,
      openIndex: async (version?: number) => {
        const path = test.pathOf("data", "part.parquet")
        for (let turn = 0; turn < 10_000 && !isOpen(path); turn++) await setImmediate()
        for (let turn = 0; turn < 100; turn++) await setImmediate()
        return test.workspace.openIndex(version)
      },
    }
    await scan(workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean"), columnRows: 1 })
    expect(findingsOf(test.workspace)).toHaveLength(1)
  })
})
