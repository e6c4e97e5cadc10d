import { constants, inflateRawSync } from "node:zlib"
import type { RandomSource } from "./source.ts"
import type { ZipDirectory, ZipEntry } from "./zip-directory.ts"

/** How NumPy's array files begin: `\x93NUMPY`. */
const NPY_MAGIC = Buffer.from("934e554d5059", "hex")

/**
 * Whether a zip is NumPy's npz: nothing but arrays, by name and by first bytes. Such a file is matched by digest like
 * any other array, not opened; a zip that only claims to be one is opened.
 */
export function isNpz(source: RandomSource, { entries, isTight }: ZipDirectory): boolean {
  return isTight && entries.length > 0 && entries.every((entry) => isArrayEntry(source, entry))
}

function isArrayEntry(source: RandomSource, entry: ZipEntry): boolean {
  if (entry.refused !== undefined || !entry.name.endsWith(".npy")) return false
  const raw = source.read(entry.dataStart, Math.min(entry.compressedSize, 256))
  return firstBytes(raw, entry.method)?.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC) ?? false
}

function firstBytes(raw: Uint8Array, method: number): Buffer | undefined {
  if (method === 0) return Buffer.from(raw)
  try {
    // A flush instead of an end: the rest of the data is not there, and that is no error.
    return inflateRawSync(raw, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    return undefined
  }
}
