/**
 * Measurements of `index.bench.ts`, in a child of its own: `index N FILE`, `load SHA256 FILE` or `hunt N`.
 * @module
 */
import { rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { type BatchMatches, HammingIndex, HuntIndex } from "@nightlight/pdq"
import { compileCpp } from "./cpp-program.ts"
import { median } from "./row.ts"

/** Times of an index; the file is left for `load`. */
export interface IndexTimes {
  readonly lookupMicroseconds: number
  /** Of a flat scan in C++. */
  readonly scanMicroseconds: number
  readonly bytesPerHash: number
  readonly buildSeconds: number
  readonly digest: string
}

/** Rates of loading an image. */
export interface LoadRates {
  readonly gigabytesPerSecond: number
  readonly digestedGigabytesPerSecond: number
}

/** Rate of a hunt. */
export interface HuntRates {
  readonly millionsPerSecond: number
}

const RADIUS_BITS = 31
const QUERIES = 2000
const ROUNDS = 5

async function measureIndex(rows: number, file: string): Promise<IndexTimes> {
  const random = xorshift(rows)
  const hashes = randomHashes(rows, random)
  const queries = plantedQueries(hashes, random)
  const started = performance.now()
  const index = HammingIndex.build(hashes)
  const buildSeconds = (performance.now() - started) / 1000
  const flat = await compileCpp("flat-scan", ["-march=x86-64-v3"], dirname(file))
  // A scan takes as long for every query: a few of them are enough.
  const scanned = rows > 2_000_000 ? 8 : 64
  const inputs = [`${file}.hashes`, `${file}.queries`] as const
  writeFileSync(inputs[0], hashes)
  writeFileSync(inputs[1], queries.subarray(0, scanned * 32))

  const lookups: number[] = []
  const scans: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const lookup = timed(() => index.queryBatch(queries, RADIUS_BITS))
    const scan = await flat.run([...inputs, String(RADIUS_BITS)])
    assertEqual(lookup.result, scan.answers, scanned)
    // The first round compiles and warms up.
    if (round === 0) continue
    lookups.push((lookup.milliseconds * 1000) / QUERIES)
    scans.push(scan.time)
  }
  for (const input of inputs) rmSync(input)
  const { digest } = await index.writeImage(file)
  const bytesPerHash = index.sizeBytes / rows
  return { lookupMicroseconds: median(lookups), scanMicroseconds: median(scans), bytesPerHash, buildSeconds, digest }
}

async function measureLoad(digest: string, file: string): Promise<LoadRates> {
  const rate = async (options: { digest?: string }) => {
    const started = performance.now()
    const index = await HammingIndex.openImage(file, options)
    return index.sizeBytes / 1e6 / (performance.now() - started)
  }
  return { gigabytesPerSecond: await rate({}), digestedGigabytesPerSecond: await rate({ digest }) }
}

function measureHunt(newCount: number): HuntRates {
  const random = xorshift(newCount)
  const stored = randomHashes(1_000_000, random)
  const newHashes = randomHashes(newCount, random)
  for (let i = 0; i < 100; i++) stored.set(hashOf(newHashes, i), i * 9973 * 32)
  const hunt = HuntIndex.build(newHashes)
  const rates: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const { milliseconds, result } = timed(() => hunt.scan(stored))
    if (result.length !== 100) throw new Error(`expected 100 planted hashes, got ${result.length}`)
    if (round > 0) rates.push(1 / (milliseconds / 1000))
  }
  return { millionsPerSecond: median(rates) }
}

/** @param answers - of the flat scan for the first `scanned` queries: query, row and distance, in this order. */
function assertEqual({ queries, ids, distancesBits }: BatchMatches, answers: readonly string[], scanned: number): void {
  const found = Array.from(queries, (query, i) => `${query} ${ids[i]} ${distancesBits[i]}`)
  const compared = found.slice(
    0,
    queries.findIndex((query) => query >= scanned),
  )
  if (compared.length === 0 || compared.join() !== answers.join()) {
    throw new Error("the index and the flat scan answer differently")
  }
}

/** Queries of which every other one is a listed hash with 0 to 45 flips. */
function plantedQueries(hashes: Uint8Array, random: () => number): Uint8Array {
  const queries = randomHashes(QUERIES, random)
  for (let query = 0; query < QUERIES; query += 2) {
    queries.set(hashOf(hashes, random() % (hashes.length / 32)), query * 32)
    for (let flips = random() % 46; flips > 0; flips--) {
      const bit = random() % 256
      queries[query * 32 + (bit >>> 3)]! ^= 1 << (bit & 7)
    }
  }
  return queries
}

function hashOf(hashes: Uint8Array, row: number): Uint8Array {
  return hashes.subarray(row * 32, row * 32 + 32)
}

function randomHashes(count: number, random: () => number): Uint8Array {
  const words = new Uint32Array(count * 8)
  for (let i = 0; i < words.length; i++) words[i] = random()
  return new Uint8Array(words.buffer)
}

function xorshift(seed: number): () => number {
  let state = seed ^ 0x9e3779b9
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

function timed<Result>(run: () => Result): { readonly milliseconds: number; readonly result: Result } {
  const started = performance.now()
  const result = run()
  return { milliseconds: performance.now() - started, result }
}

const [what, first = "", file = ""] = process.argv.slice(2)
if (what === "index") process.send?.(await measureIndex(Number(first), file))
else if (what === "load") process.send?.(await measureLoad(first, file))
else if (what === "hunt") process.send?.(measureHunt(Number(first)))
