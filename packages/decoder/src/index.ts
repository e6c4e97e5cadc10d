export { type Decoder, type DecoderOptions, findIsolation, ITEMS_PER_CHILD, openDecoder } from "./decoder.ts"
export {
  createDeriver,
  type Derivative,
  type DeriveFailure,
  type DeriveOptions,
  type Deriver,
  type DeriverOptions,
} from "./derive.ts"
export type { IsolationChoice } from "./isolation/strongest.ts"
export { DEFAULT_LIMITS, type DecoderLimits, DIGEST_BYTES_PER_SECOND } from "./limits.ts"
export type { DecodeSource } from "./source.ts"
