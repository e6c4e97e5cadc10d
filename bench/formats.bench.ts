/**
 * The whole scan of pictures inside Parquet files, which DuckDB wrote, against a process that only decodes the same
 * pictures with sharp. The two processes take turns.
 * @module
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { runMeasured } from "./process-tree.ts"
import { type BenchRow, median, ratioRow } from "./row.ts"
import { makeBenchDataset, makeBenchWorkspace, randomHashes, writeBenchPictures } from "./scan-material.ts"

const PICTURES = 5_000
const ROUNDS = 3

const here = import.meta.dirname
const command = join(here, "..", "packages", "cli", "bin", "nightlight.js")

/** Measures the scan of the same pictures in Parquet, plain and compressed by snappy. */
export async function benchParquetPictures(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-formats-"))
  try {
    const tars = join(folder, "tars")
    const workspace = join(folder, "workspace")
    const pictures = join(folder, "pictures")
    await makeBenchDataset(tars, PICTURES)
    await makeBenchWorkspace(workspace, randomHashes(1_000_000))
    await writeBenchPictures(pictures, PICTURES)
    const rows: BenchRow[] = []
    for (const codec of ["uncompressed", "snappy"]) {
      const data = join(folder, codec)
      await writeParquet(pictures, data, codec)
      const bare = () => runMeasured(process.execPath, ["-C", "@nightlight/source", join(here, "bare-decode.ts"), tars])
      const scan = () => runMeasured(process.execPath, [command, "--workspace", workspace, "scan", data, "--quiet"])
      const [bares, scans]: [number[], number[]] = [[], []]
      for (let round = 0; round < ROUNDS; round++) {
        bares.push((await bare()).seconds)
        rmSync(join(workspace, "scans"), { recursive: true, force: true })
        scans.push((await scan()).seconds)
      }
      const seconds = median(scans)
      rows.push(
        ratioRow(
          `whole scan of 5,000 JPEGs of 512 px in Parquet, ${codec}`,
          { measured: seconds, against: median(bares), unit: "s" },
          0.8,
          `${(PICTURES / seconds).toFixed(0)} pictures a second on all cores, against sharp only decoding`,
        ),
      )
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeParquet(pictures: string, to: string, codec: string): Promise<void> {
  mkdirSync(to)
  const database = await DuckDBInstance.create(":memory:")
  const connection = await database.connect()
  const half = Math.ceil(readdirSync(pictures).length / 2)
  for (const [part, offset] of [0, half].entries()) {
    await connection.run(
      `COPY (SELECT {'bytes': content, 'path': NULL::VARCHAR} AS image, filename AS caption
        FROM read_blob('${pictures}/*.jpg') ORDER BY filename LIMIT ${half} OFFSET ${offset})
        TO '${to}/train-0000${part}.parquet' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 1000)`,
    )
  }
  connection.closeSync()
  database.closeSync()
}
