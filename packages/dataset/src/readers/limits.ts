import type { ReaderLimits } from "./types.ts"

/** Limits for a machine with a few gigabytes of memory. */
export const DEFAULT_READER_LIMITS: ReaderLimits = {
  items: 1_000_000,
  sampleItems: 10_000,
  itemBytes: 256 * 2 ** 20,
  sampleBytes: 256 * 2 ** 20,
  headerBytes: 2 ** 20,
  inflatedBytes: 2 ** 40,
  ratio: 200,
  ratioFloorBytes: 8 * 2 ** 20,
  nestedDepth: 4,
  nestedItems: 10_000,
  nestedBytes: 256 * 2 ** 20,
}
