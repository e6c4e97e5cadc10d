/**
 * PDQ hashing in WebAssembly SIMD.
 *
 * Source: facebook/ThreatExchange, pdq/cpp; the exact kernel gives the same hash, quality and dihedral hashes.
 * @module
 */
import { PdqError } from "./errors.ts"
import type { WasmModule } from "./hamming-index/webassembly.ts"
import { HASH_BYTES } from "./hash.ts"
import { gatherNearest } from "./nearest.ts"
import { DIHEDRAL_NAMES } from "./orientations.ts"
import { checkPicture, isStretched, MIN_SIDE, NEAREST_SIDE, type Picture } from "./picture.ts"
import type { HashOptions, PdqHash } from "./types.ts"
import { startHashModule } from "./wasm-module.ts"

/** Hashes pictures, one at a time. Keeps one WebAssembly memory, which grows with the width of the widest picture. */
export interface Hasher {
  /**
   * Hashes a picture.
   *
   * @param pixels - width x height x channels bytes, row by row from the top, no padding. Not modified, not kept.
   * @returns new arrays, owned by the caller.
   * @throws {PdqError} `pixels_malformed` if the pixels do not fit their description; `memory_exhausted` if the
   * WebAssembly memory is too small for a few rows. The hasher stays usable.
   */
  hash(pixels: Uint8Array, options: HashOptions): PdqHash
  /** WebAssembly memory in bytes, which never shrinks: 0.3 MB for 512x512, 1 MB for 4000x3000, 2.6 MB for 7000x7000. */
  readonly memoryBytes: number
}

const KERNEL_CODES = { exact: 0, fast: 1 } as const
const UNFILTERED_CODE = 2

/** Side of the matrix that is transformed. A picture of exactly this size is hashed without filtering it. */
const SIDE = 64

/** Bytes of pixels copied into the WebAssembly memory at once: fits a core's second-level cache. */
const STRIP_BYTES = 128 * 1024

/**
 * Creates a hasher.
 *
 * @param source - the module `wasm/hash.wasm`, compiled or as bytes. Optional in Node; a browser passes `await
 *   WebAssembly.compileStreaming(fetch(...))`.
 * @throws {PdqError} `module_unusable` if the module is missing or is another one, or this runtime lacks SIMD.
 */
export function createHasher(source?: WasmModule | Uint8Array | ArrayBuffer): Hasher {
  const wasm = startHashModule(source)
  let memory = new Uint8Array(wasm.memory.buffer)

  /** Runs the pixels through a kernel, up to the transform's terms. */
  function run(kernelCode: number, pixels: Uint8Array, picture: Picture): void {
    const { area, channels, rowPixels } = picture
    const stretched = isStretched(picture)
    const columns = stretched ? NEAREST_SIDE : area.width
    const rows = stretched ? NEAREST_SIDE : area.height
    const strideBytes = (stretched ? NEAREST_SIDE : rowPixels) * channels
    const strip = wasm.begin(kernelCode, columns, rows, channels, strideBytes, STRIP_BYTES) >>> 0
    if (strip === 0) throw new PdqError("memory_exhausted", "the WebAssembly memory cannot grow any further")
    // Growing the memory detaches its view.
    if (memory.buffer !== wasm.memory.buffer) memory = new Uint8Array(wasm.memory.buffer)
    for (let count = wasm.wantedRows(); count > 0; count = wasm.wantedRows()) {
      const first = wasm.nextRow()
      if (stretched) {
        gatherNearest(pixels, picture, memory.subarray(strip, strip + count * strideBytes), first)
      } else {
        const from = (area.top + first) * strideBytes + area.left * channels
        memory.set(pixels.subarray(from, from + (count - 1) * strideBytes + columns * channels), strip)
      }
      wasm.feed(count)
    }
    wasm.finish()
  }

  /** Copies a result before the next picture overwrites it. */
  function take(address: number, sizeBytes: number): Uint8Array {
    return memory.slice(address, address + sizeBytes)
  }

  function hash(pixels: Uint8Array, options: HashOptions): PdqHash {
    const picture = checkPicture(pixels, options)
    const { area, kernel, profile } = picture
    const wantsDihedral = options.dihedral === true
    if (area.width < MIN_SIDE || area.height < MIN_SIDE) {
      const nothing = { hash: new Uint8Array(HASH_BYTES), quality: 0, profile, kernel }
      return wantsDihedral ? { ...nothing, dihedral: new Uint8Array(DIHEDRAL_NAMES.length * HASH_BYTES) } : nothing
    }
    const unfiltered = area.width === SIDE && area.height === SIDE
    // Repeated pixels make terms exactly zero, whose bits depend on rounding, so enlarged pictures are hashed exactly.
    const enlarged = area.width < SIDE || area.height < SIDE
    run(unfiltered ? UNFILTERED_CODE : KERNEL_CODES[enlarged ? "exact" : kernel], pixels, picture)
    const upright = { hash: take(wasm.hash(), HASH_BYTES), quality: wasm.quality(), profile, kernel }
    // Meta's dihedral routine filters even this size, so its eight hashes come from other terms.
    if (unfiltered && wantsDihedral) run(KERNEL_CODES.exact, pixels, picture)
    const dihedral = wantsDihedral ? take(wasm.dihedral(), DIHEDRAL_NAMES.length * HASH_BYTES) : undefined
    if (wasm.mayDiffer() !== 0) return { ...hash(pixels, { ...options, kernel: "exact" }), kernel }
    return dihedral === undefined ? upright : { ...upright, dihedral }
  }

  return {
    hash,
    get memoryBytes() {
      return wasm.memory.buffer.byteLength
    },
  }
}
