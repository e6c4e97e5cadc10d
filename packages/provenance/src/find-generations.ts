/**
 * Answers "did we make this?": finds pictures in the log within a distance of a hash.
 * @module
 */
import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import { dayFiles } from "./days.ts"
import { type LoggedGeneration, parseLine } from "./generation.ts"

/** A hash to look for. */
export interface GenerationQuery {
  /** The caller's number for the searched picture; several hashes may share it, such as those of its orientations. */
  readonly queryId: number
  /** 64 lower-case hexadecimal digits. */
  readonly pdq: string
}

/** A generation within the radius. */
export interface FoundGeneration extends LoggedGeneration {
  readonly queryId: number
  /** Least distance of the query's hashes, bits. */
  readonly distanceBits: number
}

/** Result of a search. */
export interface GenerationSearch {
  /** By query, then by distance. */
  readonly found: readonly FoundGeneration[]
  readonly searched: number
  /** Unreadable lines, such as one that was cut off when a process was killed. */
  readonly malformed: number
}

/**
 * Compares hashes with every line of a log. Memory is bounded except for the found lines.
 *
 * @param radiusBits - 0 to 256; the radius itself counts as within.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function findGenerations(
  dir: string,
  queries: readonly GenerationQuery[],
  { radiusBits }: { readonly radiusBits: number },
): Promise<GenerationSearch> {
  const hashes = queries.map(({ queryId, pdq }) => ({ query: queryId, words: wordsOf(pdq) }))
  const found: FoundGeneration[] = []
  let searched = 0
  let malformed = 0
  for (const { path } of await dayFiles(dir)) {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const logged = parseLine(line)
      if (logged === undefined) {
        malformed++
        continue
      }
      searched++
      const words = wordsOf(logged.pdq)
      const nearest = new Map<number, number>()
      for (const one of hashes) {
        const distanceBits = distanceOf(words, one.words)
        if (distanceBits <= radiusBits && distanceBits < (nearest.get(one.query) ?? 257)) {
          nearest.set(one.query, distanceBits)
        }
      }
      for (const [queryId, distanceBits] of nearest) found.push({ ...logged, queryId, distanceBits })
    }
  }
  found.sort((a, b) => a.queryId - b.queryId || a.distanceBits - b.distanceBits || (a.at < b.at ? -1 : 1))
  return { found, searched, malformed }
}

function wordsOf(pdq: string): Uint32Array {
  return Uint32Array.from({ length: 8 }, (_, index) => Number.parseInt(pdq.slice(index * 8, index * 8 + 8), 16))
}

function distanceOf(a: Uint32Array, b: Uint32Array): number {
  let bits = 0
  for (let index = 0; index < 8; index++) {
    let left = ((a[index] ?? 0) ^ (b[index] ?? 0)) >>> 0
    left -= (left >>> 1) & 0x55555555
    left = (left & 0x33333333) + ((left >>> 2) & 0x33333333)
    bits += Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return bits
}
