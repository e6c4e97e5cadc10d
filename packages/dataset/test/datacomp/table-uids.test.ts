import { createHash } from "node:crypto"
import { join } from "node:path"
import { noSignal, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { readFooter } from "../../src/containers/parquet/footer.ts"
import { Budget } from "../../src/containers/rows/budget.ts"
import { readTableUids, uidColumnOf } from "../../src/datacomp/table-uids.ts"
import { UID_WORDS } from "../../src/datacomp/uid.ts"
import type { SortedUids } from "../../src/datacomp/uid-sorter.ts"
import { UidSorter } from "../../src/datacomp/uid-sorter.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import { openFileSource } from "../../src/readers/source.ts"
import { duckdb } from "../support/duckdb.ts"

/** Reads the uids of a table that DuckDB writes, of which some rows were withheld. */
async function uidsOf(select: string, withheld: readonly number[] = [], options = "") {
  using folder = temporaryFolder()
  const path = join(folder.path, "pool.parquet")
  await duckdb(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`)
  using source = openFileSource(path)
  const limits = DEFAULT_READER_LIMITS
  const footer = await readFooter(source, limits)
  const file = { source, footer, budget: new Budget(limits, source.sizeBytes, "a Parquet file") }
  const column = uidColumnOf(file)
  if (column === undefined) return undefined
  const sorterOf = (name: string) => new UidSorter({ folder: folder.path, name, partUids: 100 })
  const to = { kept: sorterOf("kept"), removed: sorterOf("removed") }
  await readTableUids(
    { file, column, path: "pool.parquet", withheld: new Set(withheld), onRows: () => {} },
    to,
    noSignal,
  )
  using kept = await to.kept.sorted()
  using removed = await to.removed.sorted()
  return { kept: textsOf(kept), removed: textsOf(removed) }
}

function textsOf({ cursor }: SortedUids): readonly string[] {
  const texts: string[] = []
  while (cursor.advance()) {
    const [low = 0, high = 0, lastLow = 0, lastHigh = 0] = cursor.words.subarray(cursor.at, cursor.at + UID_WORDS)
    texts.push([high, low, lastHigh, lastLow].map((word) => word.toString(16).padStart(8, "0")).join(""))
  }
  return texts
}

const md5 = (row: number) => createHash("md5").update(String(row)).digest("hex")

describe("the uids of a table", () => {
  it.each(["", ", PARQUET_VERSION v2, COMPRESSION zstd", ", ROW_GROUP_SIZE 128, COMPRESSION uncompressed"])(
    "are those of each row, of withheld ones apart (DuckDB's options: %j)",
    async (options) => {
      const read = await uidsOf("SELECT i AS n, md5(i::VARCHAR) AS uid FROM range(1000) t(i)", [0, 500, 999], options)
      const rows = Array.from({ length: 1000 }, (_, row) => row)
      expect(read?.removed).toEqual([0, 500, 999].map(md5).toSorted())
      expect(read?.kept).toEqual(
        rows
          .filter((row) => ![0, 500, 999].includes(row))
          .map(md5)
          .toSorted(),
      )
    },
  )

  it("may lack leading zeros, have capital letters, be bytes, and lie in a dictionary", async () => {
    const full = (digits: string) => digits.padStart(32, "0")
    expect(await uidsOf("SELECT 'AB' AS uid")).toMatchObject({ kept: [full("ab")] })
    expect(await uidsOf("SELECT 'cd'::BLOB AS uid")).toMatchObject({ kept: [full("cd")] })
    const repeated = await uidsOf("SELECT 'e' || (i % 2) AS uid FROM range(1000) t(i)")
    expect(new Set(repeated?.kept)).toEqual(new Set([full("e0"), full("e1")]))
    expect(repeated?.kept).toHaveLength(1000)
  })

  it.each(["NULL::VARCHAR", "''", "'no digits'", "repeat('0', 33)"])("are refused where a row has %s", async (uid) => {
    const select = `SELECT CASE WHEN i = 17 THEN ${uid} ELSE md5(i::VARCHAR) END AS uid FROM range(20) t(i)`
    await expect(uidsOf(select)).rejects.toThrow("row 17 of pool.parquet has no uid")
  })

  it.each(["17 AS uid", "['ab'] AS uid", "{'uid': 'ab'} AS json", "'ab' AS id"])(
    "are not in a table of %s",
    async (column) => {
      expect(await uidsOf(`SELECT ${column}`)).toBeUndefined()
    },
  )
})
