import { createHash, hash } from "node:crypto"
import { mkdirSync, readFileSync } from "node:fs"
import { addressHash, urlEntryKey } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { copyWorkspace, importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { duckdb } from "../support/duckdb.ts"
import { fileOf, page, value } from "../support/parquet.ts"
import { findingsOf, receiptsOf } from "../support/scans.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

describe("a table of addresses and digests with a changed byte", () => {
  it("has by columns the decisions that it has row by row, or is set aside", { timeout: 120_000 }, async () => {
    using test = await testWorkspace()
    const listed = sha256("a listed download")
    await importRecords(test.workspace, [{ hashType: "sha256", hash: listed, category: "A1" }])
    const path = test.pathOf("whole.parquet")
    await duckdb(`COPY (SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE 'https://h.example/' || (i % 9) END AS url,
        CASE i WHEN 5 THEN '${listed}' ELSE sha256(i::VARCHAR) END AS sha256, i AS n FROM range(40) t(i))
      TO '${path}' (FORMAT parquet, COMPRESSION snappy)`)
    const whole = readFileSync(path)
    const mutants = Array.from({ length: 600 }, (_, index) => {
      const mutant = Buffer.from(whole)
      const offset = 4 + Math.floor((index * (whole.length - 8)) / 600)
      mutant[offset] = (mutant[offset] ?? 0) ^ (1 << (index % 8))
      return [`m${index}.parquet`, mutant] as const
    })
    writeFiles(test.pathOf("data"), Object.fromEntries(mutants))
    const read = []
    for (const columnRows of [1, 1_000_000]) {
      const workspace = await copyWorkspace(test, test.pathOf(`workspace-${columnRows}`))
      await scan(workspace, { inputs: [test.pathOf("data")], columnRows })
      read.push(receiptsOf(workspace))
    }
    const [byColumns, byRows] = read
    const isRead = mutants.filter(([name]) => byColumns?.get(name)?.poison === undefined)
    expect(isRead.length).toBeGreaterThan(100)
    for (const [name] of isRead) {
      const [columns, rows] = [byColumns?.get(name), byRows?.get(name)]
      expect([name, rows?.poison, rows?.decisions]).toEqual([name, undefined, columns?.decisions])
    }
  })
})

describe("a table of addresses and digests", () => {
  it("of more than a million rows has each planted row found, and no other", { timeout: 180_000 }, async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const path = test.pathOf("data", "part.parquet")
    const picture = Buffer.from(await jpeg(1)).toString("base64")
    await duckdb(`COPY (SELECT 'https://h' || (i % 2000) || '.example/p/' || i || '.jpg' AS url,
        CASE i WHEN 1111111 THEN 'see data:image/jpeg;base64,${picture}' ELSE 'a caption of ' || i END AS text,
        sha256(i::VARCHAR) AS sha256, i AS width FROM range(1200000) t(i))
      TO '${path}' (FORMAT parquet, COMPRESSION snappy)`)
    const address = "https://h777.example/p/1000777.jpg"
    await importRecords(test.workspace, [
      { hashType: "sha256", hash: sha256("7"), category: "A1" },
      { hashType: "sha256", hash: sha256("1199999"), category: "A1" },
      {
        hashType: "url",
        hash: addressHash(urlEntryKey(address) ?? "", hash("sha256", urlEntryKey(address) ?? "")),
        category: "A1",
      },
    ])
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const receipt = receiptsOf(test.workspace).get("part.parquet")
    expect(receipt?.poison).toBeUndefined()
    expect(findingsOf(test.workspace)).toHaveLength(3)
    expect(receipt?.clean?.rows).toEqual({ read: 1_200_000, written: 1_199_997 })
    const [lost] = await duckdb(`SELECT list(width ORDER BY width)::VARCHAR AS rows FROM '${path}'
      WHERE width NOT IN (SELECT width FROM '${test.pathOf("clean", "part.parquet")}')`)
    expect(lost).toEqual({ rows: "[7, 1000777, 1199999]" })
  })

  it("of a million row groups is read to its end", { timeout: 180_000 }, async () => {
    using test = await testWorkspace()
    const values = ["7", "8", "9"].map((text) => value(Buffer.from(sha256(text))))
    const pages = page(Buffer.concat(values), { entries: 3 })
    const file = fileOf(pages, { text: "sha256", rows: 3, emptyGroups: 999_999 })
    writeFiles(test.pathOf("data"), { "groups.parquet": file })
    await importRecords(test.workspace, [{ hashType: "sha256", hash: sha256("8"), category: "A1" }])
    await scan(test.workspace, { inputs: [test.pathOf("data")], columnRows: 1 })
    expect(receiptsOf(test.workspace).get("groups.parquet")?.decisions).toMatchObject({ review: 1, clear: 2 })
  })
})
