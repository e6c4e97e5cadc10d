/**
 * Quality, cosine transform, median, bits and orientations in plain TypeScript, in float32.
 *
 * Source: facebook/ThreatExchange, pdq/cpp/hashing/pdqhashing.cpp.
 * @module
 */
import { HASH_BYTES } from "../hash.ts"
import { SIDE } from "./downscale.ts"

/** Frequencies kept in each direction. */
const TERMS = 16

const fround = Math.fround

/** Row i is frequency i + 1; the constant term is left out. */
const COSINES: Float32Array = Float32Array.from(
  { length: TERMS * SIDE },
  (_, index) =>
    fround(Math.sqrt(2 / SIDE)) *
    Math.cos((Math.PI / 2 / SIDE) * (Math.floor(index / SIDE) + 1) * (2 * (index % SIDE) + 1)),
)

/**
 * Sum of the gradients between neighbours of the 64x64 matrix, each truncated to a whole percent, scaled to 0 to 100.
 */
export function qualityOf(small: Float32Array): number {
  let sum = 0
  // Indices stay inside the matrix: the last row and column are compared once.
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      const offset = i * SIDE + j
      if (i + 1 < SIDE) sum += percent(small[offset]!, small[offset + SIDE]!)
      if (j + 1 < SIDE) sum += percent(small[offset]!, small[offset + 1]!)
    }
  }
  return Math.min(100, Math.floor(sum / 90))
}

function percent(u: number, v: number): number {
  return Math.abs(Math.trunc(fround(fround(fround(u - v) * 100) / 255)))
}

/** The 16x16 lowest frequencies, row by row: D A D', where D are the cosines and A is the given matrix. */
export function transform(small: Float32Array): Float32Array {
  const half = new Float32Array(TERMS * SIDE)
  const terms = new Float32Array(TERMS * TERMS)
  // Indices stay inside the fixed matrices.
  for (let i = 0; i < TERMS; i++) {
    for (let j = 0; j < SIDE; j++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) sum = fround(sum + fround(COSINES[i * SIDE + k]! * small[k * SIDE + j]!))
      half[i * SIDE + j] = sum
    }
  }
  for (let i = 0; i < TERMS; i++) {
    for (let j = 0; j < TERMS; j++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) sum = fround(sum + fround(half[i * SIDE + k]! * COSINES[j * SIDE + k]!))
      terms[i * TERMS + j] = sum
    }
  }
  return terms
}

/** Sets bit 16 i + j where term (i, j) is above the lower median; bit 255 is in the first byte. */
export function bitsOf(terms: Float32Array): Uint8Array {
  // 256 values: the 128th smallest exists.
  const median = Float32Array.from(terms).sort()[terms.length / 2 - 1]!
  const hash = new Uint8Array(HASH_BYTES)
  for (let bit = 0; bit < terms.length; bit++) {
    if (terms[bit]! > median) hash[HASH_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7)
  }
  return hash
}

/** Target of term (i, j), and whether its sign changes, for each orientation in the order of `DIHEDRAL_NAMES`. */
const MOVES: readonly { readonly transposed: boolean; readonly negates: (i: number, j: number) => boolean }[] = [
  { transposed: false, negates: () => false },
  { transposed: true, negates: (_, j) => j % 2 === 0 },
  { transposed: false, negates: (i, j) => (i + j) % 2 === 1 },
  { transposed: true, negates: (i) => i % 2 === 0 },
  { transposed: false, negates: (i) => i % 2 === 0 },
  { transposed: false, negates: (_, j) => j % 2 === 0 },
  { transposed: true, negates: () => false },
  { transposed: true, negates: (i, j) => (i + j) % 2 === 1 },
]

/** The eight hashes, one after another, in the order of `DIHEDRAL_NAMES`. */
export function dihedralOf(terms: Float32Array): Uint8Array {
  const hashes = new Uint8Array(MOVES.length * HASH_BYTES)
  for (const [index, { transposed, negates }] of MOVES.entries()) {
    const moved = new Float32Array(terms.length)
    for (let i = 0; i < TERMS; i++) {
      for (let j = 0; j < TERMS; j++) {
        const term = terms[i * TERMS + j]!
        moved[transposed ? j * TERMS + i : i * TERMS + j] = negates(i, j) ? -term : term
      }
    }
    hashes.set(bitsOf(moved), index * HASH_BYTES)
  }
  return hashes
}
