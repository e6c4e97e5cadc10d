export { PdqError, type PdqErrorCode } from "./errors.ts"
export {
  fromHex,
  HASH_BYTES,
  hammingDistance,
  MATCH_MIN_QUALITY,
  MATCH_RADIUS_BITS,
  toHex,
} from "./hash.ts"
export { DIHEDRAL_NAMES, type DihedralName } from "./orientations.ts"
