export { type Decoder, type DecoderOptions, ITEMS_PER_CHILD, openDecoder } from "./decoder.ts"
export {
  createDeriver,
  type Derivative,
  type DeriveFailure,
  type DeriveOptions,
  type Deriver,
  type DeriverOptions,
} from "./derive.ts"
export { findIsolation } from "./find-isolation.ts"
export { type IsolationChoice, knownIsolation } from "./isolation/strongest.ts"
export { DEFAULT_LIMITS, type DecoderLimits, DIGEST_BYTES_PER_SECOND } from "./limits.ts"
export type { DecodeSource } from "./source.ts"
