/**
 * The whole scan of an address list in Parquet, which DuckDB wrote, against DuckDB's bare join of the same column with a
 * table of as many rows as the list has entries. Both take turns; DuckDB has one thread, as the scan reads with one. The
 * list is one file under many names, so that it needs little space, and both read it from the system's cache.
 * @module
 */
import { linkSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import type { ListItem } from "@nightlight/core"
import { runMeasured } from "./process-tree.ts"
import { type BenchRow, median, ratioRow } from "./row.ts"
import { makeBenchWorkspace } from "./scan-material.ts"

const FILE_ROWS = 5_000_000
const FILES = 20
const ROWS = FILE_ROWS * FILES
const LISTED = 1_000_000
const ROUNDS = 3
const MEMORY_LIMIT_MB = 600

const command = join(import.meta.dirname, "..", "packages", "cli", "bin", "nightlight.js")

/** Columns as LAION and DataComp have them, captions aside. */
const COLUMNS = {
  sha256: "sha256(i::VARCHAR) AS sha256",
  url: "'https://h' || (i % 50000) || '.example/pictures/' || i || '.jpg' AS url",
} as const

/** Measures a column of digests and one of addresses, and the memory of all of a scan's processes. */
export async function benchColumns(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-columns-"))
  try {
    const workspace = join(folder, "workspace")
    await makeBenchWorkspace(workspace, randomEntries())
    const rows: BenchRow[] = []
    let peakBytes = 0
    for (const name of ["sha256", "url"] as const) {
      const data = join(folder, name)
      mkdirSync(data)
      const file = join(data, "part-00000.parquet")
      const database = await DuckDBInstance.create(":memory:", { threads: "1" })
      const connection = await database.connect()
      await connection.run(
        `COPY (SELECT ${COLUMNS[name]}, i % 1000 AS width FROM range(${FILE_ROWS}) t(i)) TO '${file}'`,
      )
      for (let copy = 1; copy < FILES; copy++)
        linkSync(file, join(data, `part-${String(copy).padStart(5, "0")}.parquet`))
      await connection.run(
        `CREATE TABLE listed AS SELECT ${COLUMNS[name]} FROM range(${FILE_ROWS}, ${FILE_ROWS + LISTED}) t(i)`,
      )
      const bareJoin = `SELECT count(*) FROM '${data}/*.parquet' SEMI JOIN listed USING (${name})`
      const [joins, scans]: [number[], number[]] = [[], []]
      for (let round = 0; round < ROUNDS; round++) {
        const startedAt = performance.now()
        await connection.runAndReadAll(bareJoin)
        joins.push((performance.now() - startedAt) / 1_000)
        rmSync(join(workspace, "scans"), { recursive: true, force: true })
        const scan = await runMeasured(process.execPath, [command, "--workspace", workspace, "scan", data, "--quiet"])
        scans.push(scan.seconds)
        peakBytes = Math.max(peakBytes, scan.peakBytes)
      }
      connection.closeSync()
      database.closeSync()
      const seconds = median(scans)
      rows.push(
        ratioRow(
          `whole scan of ${ROWS / 1e6} M rows with a column ${name}`,
          { measured: seconds, against: median(joins), unit: "s" },
          0.7,
          `${(ROWS / seconds / 1e6).toFixed(1)} M rows a second, its start included; against DuckDB's bare join with ${LISTED / 1e6} M rows, one thread, in a process that runs`,
        ),
      )
    }
    const peakMegabytes = peakBytes / 1e6
    rows.push({
      what: "the same, memory of all its processes",
      measured: `${peakMegabytes.toFixed(0)} MB`,
      atLeast: `<= ${MEMORY_LIMIT_MB} MB`,
      ok: peakMegabytes <= MEMORY_LIMIT_MB,
    })
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Half digests, half hashes of addresses: of a hundred, nine are of hosts and one is of a folder. The same in each run. */
async function* randomEntries(): AsyncGenerator<ListItem, void, undefined> {
  let state = 0x9e3779b9
  const bytes = Buffer.alloc(32)
  for (let line = 1; line <= LISTED; line++) {
    for (let offset = 0; offset < 32; offset += 4) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      bytes.writeInt32LE(state | 0, offset)
    }
    const hashType = line % 2 === 0 ? "sha256" : "url"
    // The kind stands in two bits of the hash: 0 an address, 1 a folder, 2 a host.
    const kind = line % 200 === 1 ? 1 : line % 200 < 20 ? 2 : 0
    if (hashType === "url") bytes[4] = ((bytes[4] ?? 0) % 64) | (kind << 6)
    yield { ok: true, line, record: { hashType, hash: bytes.toString("hex"), category: "random" } }
  }
}
