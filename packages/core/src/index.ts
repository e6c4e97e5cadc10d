export { addressHash, addressPrefix } from "./address-hash.ts"
export { canonicalJson, type JsonValue } from "./canonical-json.ts"
export { ChunkReader } from "./chunk-reader.ts"
export { type Clock, systemClock } from "./clock.ts"
export {
  COMMITMENT_IDS,
  COMMITMENTS,
  CONDITION_IDS,
  type Commitment,
  type CommitmentId,
  type CommitmentStage,
  type ConditionId,
  type Control,
  type ControlEvidence,
  DATASET_LISTS_DAYS,
  DATASET_SCAN_DAYS,
  STAGES,
} from "./commitments.ts"
export { type Compact, compact } from "./compact.ts"
export {
  DECISIONS,
  type Decision,
  graver,
  type HashType,
  type Match,
  type Score,
  type Signals,
  type Transformation,
  type Trust,
  type Verdict,
} from "./decision.ts"
export {
  DependencyError,
  type DependencyErrorCode,
  hasCode,
  IntegrityError,
  type IntegrityErrorCode,
  NightlightError,
  type NightlightErrorOptions,
  RequestError,
  type RequestErrorCode,
  ShardError,
  type ShardErrorCode,
} from "./errors.ts"
export { EXIT, type ExitCode } from "./exit-codes.ts"
export {
  type Background,
  type Crop,
  type Fingerprint,
  type InconclusiveCause,
  type MediaKind,
  ORIENTATIONS,
  type Orientation,
  type PdqKernel,
  type PdqProfile,
  type Picture,
  type PictureFlag,
  type PictureView,
  UNREAD,
} from "./fingerprint.ts"
export { firstLineOf, readFirstLine } from "./first-line.ts"
export { compileGlobs, type PathFilter } from "./globs.ts"
export type { BadRecord, HashRecord, ListAttributes, ListItem, ListSource } from "./hash-record.ts"
export { inert } from "./inert.ts"
export {
  DECODING_STATES,
  type DecodingState,
  decodingState,
  describeIsolation,
  ISOLATIONS,
  type Isolation,
  type IsolationNote,
  isolationHint,
  WITHOUT_ISOLATION,
  type WithoutIsolation,
} from "./isolation.ts"
export { assertJsonBounds, JSON_BOUNDS, type JsonBounds, JsonStructure } from "./json-structure.ts"
export { matchableViews } from "./matchable-views.ts"
export { hasControlCharacters } from "./media-text.ts"
export { SNIFF_BYTES, sniffMedia } from "./media-type.ts"
export { memberOf } from "./member-of.ts"
export { readUpTo } from "./read-up-to.ts"
export { type SharedRun, shareRun } from "./share-run.ts"
export { type Signer, type Verifier, verifierFor } from "./signing.ts"
export type { SniffedMedia } from "./sniffed-media.ts"
export { JSON_DEPTH_MAX, parseCountedJson, parseStrictJson, parseStrictJsonText } from "./strict-json.ts"
export { TextSearch } from "./text-search.ts"
export { DAY_MS, HOUR_MS, MINUTE_MS } from "./time/durations.ts"
export { utcDay } from "./time/utc-day.ts"
export { tryParseJson } from "./try-parse-json.ts"
export { urlEntryKey, urlLookupKeys } from "./url-keys.ts"
