/**
 * The Hamming index and the hunt of `@nightlight/pdq`, over unrelated hashes with planted near copies.
 *
 * Every ratio comes from one loop that measures both sides in turn; the parts that need much memory run in children,
 * one after the other, so that each finds the machine as the first did.
 * @module
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { HuntRates, IndexTimes, LoadRates } from "./index-measurements.ts"
import { type BenchRow, median, ratioRow } from "./row.ts"

const MILLION = 1_000_000

/** Measures look-ups, build, size, load and hunt; each row with its budget. */
export async function benchIndex(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-bench-"))
  try {
    const oneMillion = await measure<IndexTimes>("index", [MILLION, join(folder, "1m.index")])
    const tenMillion = await measure<IndexTimes>("index", [10 * MILLION, join(folder, "10m.index")])
    const loads: LoadRates[] = []
    for (let i = 0; i < 3; i++)
      loads.push(await measure<LoadRates>("load", [tenMillion.digest, join(folder, "10m.index")]))
    const fewNew = await measure<HuntRates>("hunt", [1000])
    const moreNew = await measure<HuntRates>("hunt", [10_000])
    return [
      lookupRow("1 M", oneMillion, 60),
      lookupRow("10 M", tenMillion, 90),
      limitRow("index at 10 M, memory", tenMillion.bytesPerHash, "bytes a hash", "<= 130"),
      limitRow("index at 10 M, build", tenMillion.buildSeconds, "s", "<= 5"),
      loadRow(loads),
      huntRow("1 k", fewNew, 9),
      huntRow("10 k", moreNew, 2),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function lookupRow(size: string, { lookupMicroseconds, scanMicroseconds }: IndexTimes, atLeast: number): BenchRow {
  return ratioRow(
    `radius-31 look-up among ${size} hashes, one core`,
    { measured: lookupMicroseconds, against: scanMicroseconds, unit: "us" },
    atLeast,
    "2,000 distinct queries in one batch against a flat scan in C++ with the processor's population count, -O3 -march=x86-64-v3, as fast as FAISS's with AVX2; answers equal",
  )
}

function limitRow(what: string, figure: number, unit: string, limit: "<= 130" | "<= 5"): BenchRow {
  return {
    what,
    measured: `${figure.toPrecision(4)} ${unit}`,
    atLeast: `${limit} ${unit}`,
    ok: figure <= Number(limit.slice(3)),
  }
}

function loadRow(loads: readonly LoadRates[]): BenchRow {
  const plain = median(loads.map(({ gigabytesPerSecond }) => gigabytesPerSecond))
  const digested = median(loads.map(({ digestedGigabytesPerSecond }) => digestedGigabytesPerSecond))
  return {
    what: "index at 10 M, load from a file",
    measured: `${plain.toPrecision(3)} GB/s`,
    atLeast: ">= 1 GB/s",
    ok: plain >= 1,
    note: `file in the page cache; bounds of every start and id checked; with its SHA-256 compared too ${digested.toPrecision(3)} GB/s`,
  }
}

function huntRow(size: string, { millionsPerSecond }: HuntRates, atLeast: number): BenchRow {
  return {
    what: `hunt for ${size} new hashes, one core`,
    measured: `${millionsPerSecond.toPrecision(3)} M stored hashes/s`,
    atLeast: `>= ${atLeast} M/s`,
    ok: millionsPerSecond >= atLeast,
    note: "in memory: reading the sidecars is not in it",
  }
}

async function measure<Figures>(what: string, values: readonly (string | number)[]): Promise<Figures> {
  const child = fork(new URL("./index-measurements.ts", import.meta.url), [what, ...values.map(String)], {
    execArgv: ["-C", "@nightlight/source"],
  })
  const [[figures], [code]] = await Promise.all([
    Promise.race([once(child, "message"), once(child, "exit").then(() => [undefined])]),
    once(child, "exit"),
  ])
  if (figures === undefined) throw new Error(`the child that measures ${what} ended with ${String(code)}`)
  return figures as Figures
}
