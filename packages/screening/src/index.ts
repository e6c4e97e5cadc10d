export {
  DEFAULT_LIMITS as DEFAULT_DECODER_LIMITS,
  type DecoderLimits,
  type DecodeSource,
  findIsolation,
} from "@nightlight/decoder"
export { CLASSIFIER_TIMEOUT_MS } from "./classify/classify.ts"
export { withDeadline } from "./classify/deadline.ts"
export { type Admission, admitPolicy } from "./decide/admit-policy.ts"
export { type DefaultPolicyText, loadDefaultPolicy, readDefaultPolicy } from "./decide/default-policy.ts"
export type { Outcome } from "./decide/evaluate.ts"
export type { Explanation, ExplanationStep } from "./decide/explain.ts"
export { mediaExceptionOf } from "./decide/floors.ts"
export type { KnownMatch, KnownSignals } from "./decide/known-signals.ts"
export { parseSignals } from "./decide/parse-signals.ts"
export { checkPolicy, type LoadPolicyOptions, loadPolicy, type Policy } from "./decide/policy.ts"
export type { MediaExceptionDocument } from "./decide/policy-schema.ts"
export type { PolicyTestResult } from "./decide/policy-tests.ts"
export { formatProblem, type PolicyProblem } from "./decide/problems.ts"
export type { Replayed } from "./decide/replay.ts"
export { INCONCLUSIVE_CAUSES } from "./decide/vocabulary.ts"
export { isFingerprint } from "./fingerprint/check-fingerprint.ts"
export { type Fingerprinter, type FingerprinterOptions, openFingerprinter } from "./fingerprint/open-fingerprinter.ts"
export { createHunter, type Hunter, type HuntHit, type NewEntry } from "./hunt/hunter.ts"
export { type AddToListRequest, addToList } from "./lists/add-to-list.ts"
export { type BuiltIndex, buildIndex } from "./lists/build-index.ts"
export type { BuildIndexRequest } from "./lists/build-request.ts"
export { diffSnapshots, type SnapshotChange } from "./lists/diff-snapshots.ts"
export { ensureTestCardList } from "./lists/ensure-test-card-list.ts"
export {
  type ImportListOptions,
  type ImportListRequest,
  type ImportSummary,
  importList,
  type ListKeeper,
} from "./lists/import-list.ts"
export { IndexInUse } from "./lists/index-in-use.ts"
export { isListName } from "./lists/list-name.ts"
export type { LoadedIndex } from "./lists/loaded-index.ts"
export { type OpenIndexPlace, type OpenIndexTrust, openIndex } from "./lists/open-index.ts"
export { type OpenSnapshot, openSnapshot } from "./lists/open-snapshot.ts"
export { removeList } from "./lists/remove-list.ts"
export { listSnapshots, type Snapshot, type SnapshotPlace, showList } from "./lists/snapshot.ts"
export { TEST_CARD_CATEGORY, TEST_CARD_LIST, testCardRecords } from "./lists/test-card-records.ts"
export { TEST_CARD_COUNT, testCardDigests, testCardPdq, testCardPixels, testCardPng } from "./lists/test-cards.ts"
export { versionsIn as indexVersions } from "./lists/versions.ts"
export {
  type WithdrawFromListRequest,
  type WithdrawSummary,
  withdrawFromList,
} from "./lists/withdraw-from-list.ts"
export { createFalsePositiveList, type FalsePositiveList, type FalsePositiveLookup } from "./match/false-positives.ts"
export { createFloodWatch, FLOOD_LIMIT, type FloodingEntry, type FloodWatch } from "./match/flood.ts"
export { type MatchOptions, type MatchResult, matchFingerprint } from "./match/match-fingerprint.ts"
export { areTestCardsOnly } from "./match/order.ts"
export { MIN_MATCH_QUALITY } from "./match/pdq-batch.ts"
export {
  type Classifier,
  type DigestQuery,
  type EntryHit,
  type FalsePositive,
  hasContentHashes,
  type ListIndex,
  type ListInfo,
  type PdqHit,
} from "./ports.ts"
export { screen, screenFingerprint } from "./screen.ts"
export { type HashQuery, screenHashes } from "./screen-hashes.ts"
export type { MatchingPorts, Screening, ScreeningItem, ScreeningPorts } from "./screening.ts"
