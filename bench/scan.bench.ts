/**
 * The whole scan, as one process tree from start to end, against a process that only decodes the same files with sharp.
 *
 * 5,000 JPEGs of 512 px (about 60 kB each; 500 distinct ones, each ten times) in five plain shards, one million random
 * PDQ hashes on a list, every picture looked up in eight orientations. The two processes take turns.
 * @module
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { newPageMicroseconds } from "./new-memory.ts"
import { type MeasuredRun, runMeasured } from "./process-tree.ts"
import { type BenchRow, median, ratioRow } from "./row.ts"
import { makeBenchDataset, makeBenchWorkspace, randomHashes } from "./scan-material.ts"

const PICTURES = 5_000
const ROUNDS = 3
const MEMORY_LIMIT_MB = 500

const node = ["-C", "@nightlight/source"]
const here = import.meta.dirname
const cli = join(here, "..", "packages", "cli")
const command = join(cli, "bin", "nightlight.js")

/** Measures the scan without output, its memory, and apart from it the writing of the clean copy. */
export async function benchScan(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-scan-"))
  try {
    // As `npm run build` does, so that a stale bundle is not left aside.
    execFileSync(process.execPath, [join(cli, "scripts", "bundle.mjs")])
    const data = join(folder, "data")
    const workspace = join(folder, "workspace")
    await makeBenchDataset(data, PICTURES)
    await makeBenchWorkspace(workspace, randomHashes(1_000_000))
    const bare = () => runMeasured(process.execPath, [...node, join(here, "bare-decode.ts"), data])
    const scan = (...more: string[]) =>
      runMeasured(process.execPath, [command, "--workspace", workspace, "scan", data, "--quiet", ...more])
    await bare()
    const bares: MeasuredRun[] = []
    const newPage = newPageMicroseconds()
    const scans: MeasuredRun[] = []
    for (let round = 0; round < ROUNDS; round++) {
      bares.push(await bare())
      rmSync(join(workspace, "scans"), { recursive: true, force: true })
      scans.push(await scan())
    }
    rmSync(join(workspace, "scans"), { recursive: true, force: true })
    const withOutput = await scan("--out", join(folder, "clean"))
    const scanSeconds = median(scans.map((run) => run.seconds))
    const cpu = (runs: readonly MeasuredRun[]) => median(runs.map((run) => run.cpuSeconds))
    const peakMegabytes = Math.max(...scans.map((run) => run.peakBytes)) / 1e6
    return [
      ratioRow(
        "whole scan of 5,000 JPEGs of 512 px, children's start included",
        { measured: scanSeconds, against: median(bares.map((run) => run.seconds)), unit: "s" },
        1.15,
        `read, 3 digests, decode, fast kernel, 8 orientations looked up in 1 M; ${(PICTURES / scanSeconds).toFixed(0)} pictures a second on all cores; processor time ${cpu(scans).toFixed(1)} s against ${cpu(bares).toFixed(1)} s of sharp only decoding; a page of new memory took ${newPage.toFixed(1)} us`,
      ),
      {
        what: "whole scan, memory of all its processes",
        measured: `${peakMegabytes.toFixed(0)} MB`,
        atLeast: `<= ${MEMORY_LIMIT_MB} MB`,
        ok: peakMegabytes <= MEMORY_LIMIT_MB,
        note: "proportional set size, shared pages counted once; the 1 M index (129 MB) is in it",
      },
      {
        what: "the same, also writing the clean copy",
        measured: `${withOutput.seconds.toPrecision(3)} s against ${scanSeconds.toPrecision(3)} s without`,
        atLeast: "reported",
        ok: true,
        note: "every byte read again, digested and compared before it counts",
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
