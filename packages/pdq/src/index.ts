export { PdqError, type PdqErrorCode } from "./errors.ts"
export { FlatScan } from "./hamming-index/flat-scan.ts"
export { HammingIndex, type IndexHandle } from "./hamming-index/hamming-index.ts"
export { HuntIndex, type HuntMatches, type HuntOptions } from "./hamming-index/hunt-index.ts"
export type { ImageDigest, OpenImageOptions } from "./hamming-index/image.ts"
export type { BatchMatches, IndexMatch } from "./hamming-index/matches.ts"
export type { BuildOptions, HashRecords } from "./hamming-index/tables.ts"
export type { WasmModule } from "./hamming-index/webassembly.ts"
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
