export { PdqError, type PdqErrorCode } from "./errors.ts"
export {
  fromHex,
  HASH_BYTES,
  hammingDistance,
  MATCH_MIN_QUALITY,
  MATCH_RADIUS_BITS,
  toHex,
} from "./hash.ts"
export { createHasher, type Hasher } from "./hasher.ts"
export { DIHEDRAL_NAMES, type DihedralName } from "./orientations.ts"
export type { HashOptions, PdqHash, PdqKernel, PdqProfile, PixelRectangle } from "./types.ts"
export type { HashModule } from "./wasm-module.ts"
