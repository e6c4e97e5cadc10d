/**
 * The whole screening: the one function that scan, guard and intake share.
 * @module
 */
import { compact, type Fingerprint, hasCode, type InconclusiveCause, type Score } from "@nightlight/core"
import { CLASSIFIER_TIMEOUT_MS, type Classification, classify } from "./classify/classify.ts"
import { withDeadline } from "./classify/deadline.ts"
import { conclude } from "./conclude.ts"
import type { Policy } from "./decide/policy.ts"
import { isFingerprint } from "./fingerprint/check-fingerprint.ts"
import { type MatchOptions, type MatchResult, matchFingerprint } from "./match/match-fingerprint.ts"
import {
  FINGERPRINT_TIMEOUT_MS,
  type MatchingPorts,
  type Screening,
  type ScreeningItem,
  type ScreeningPorts,
} from "./screening.ts"

/**
 * Fingerprints, matches and classifies an item, and decides.
 *
 * No failure of a port becomes `clear`: a fingerprint, list, classifier or policy that throws, hangs or answers in the
 * wrong shape makes the item at least `inconclusive`. Classifiers receive an item only after matching found nothing.
 *
 * @throws the reason of `signal` when the caller gives up, and nothing else.
 */
export async function screen<Source>(
  item: ScreeningItem<Source>,
  ports: ScreeningPorts<Source>,
  policy: Policy,
  signal: AbortSignal,
): Promise<Screening> {
  const read = await fingerprintItem(item, ports, signal)
  if (read.fingerprint === undefined) return conclude({ ...NOTHING_MATCHED, ...read, scores: [] }, ports, policy)
  const { fingerprint } = read

  const matched = matchItem(fingerprint, ports, item)
  const { scores, inconclusive } = mayClassify(matched, fingerprint)
    ? await classify(
        compact({ fingerprint, readBytes: item.readBytes }),
        ports.classifiers,
        ports.classifierTimeoutMs ?? CLASSIFIER_TIMEOUT_MS,
        signal,
      )
    : NOTHING_SAID
  return conclude(
    {
      ...matched,
      fingerprint,
      scores,
      hadClassifiers: ports.classifiers.length > 0,
      ...compact({ failed: inconclusive, path: item.path }),
    },
    ports,
    policy,
  )
}

/**
 * Matches a stored fingerprint and decides, without pixels and without classifiers. Hunts use it.
 *
 * Never throws. Where a stored view has only its upright hash, rotated and mirrored copies are not found.
 */
export function screenFingerprint(
  fingerprint: Fingerprint,
  ports: MatchingPorts,
  policy: Policy,
  declared: Declared = {},
): Screening {
  if (!isFingerprint(fingerprint, true)) {
    return conclude({ ...NOTHING_MATCHED, failed: "fingerprint_failed", scores: [] }, ports, policy)
  }
  return conclude({ ...matchItem(fingerprint, ports, declared), fingerprint, scores: [] }, ports, policy)
}

const NOTHING_MATCHED: MatchResult = { matches: [], weakMatches: [], suppressed: 0, omitted: 0 }
const NOTHING_SAID: Classification = { scores: [] as readonly Score[] }

/** An item's own metadata, as far as it is matched. */
export type Declared = Pick<ScreeningItem<unknown>, "declaredDigests" | "urls">

interface Failable {
  readonly failed?: InconclusiveCause
}

async function fingerprintItem<Source>(
  { source }: ScreeningItem<Source>,
  ports: ScreeningPorts<Source>,
  signal: AbortSignal,
): Promise<Failable & { readonly fingerprint?: Fingerprint }> {
  const timeoutMs = ports.fingerprintTimeoutMs ?? FINGERPRINT_TIMEOUT_MS
  try {
    const fingerprint: unknown = await withDeadline((stop) => ports.fingerprint(source, stop), timeoutMs, signal)
    return isFingerprint(fingerprint) ? { fingerprint } : { failed: "fingerprint_failed" }
  } catch (error) {
    signal.throwIfAborted()
    if (hasCode(error, "timed_out")) return { failed: "time_limit" }
    if (hasCode(error, "source_unreadable")) return { failed: "source_unreadable" }
    return { failed: hasCode(error, "source_changed") ? "source_changed" : "fingerprint_failed" }
  }
}

function matchItem(
  fingerprint: Fingerprint,
  { index, falsePositives }: MatchingPorts,
  { declaredDigests, urls }: Declared,
): MatchResult & Failable {
  const declared = { declaredDigests, urls }
  try {
    return matchFingerprint(fingerprint, index, { ...declared, falsePositives })
  } catch {
    // Perhaps only the false positives failed, or what the metadata states: a match without them still counts.
    const matched = matchOrUndefined(fingerprint, index, declared) ?? matchOrUndefined(fingerprint, index, {})
    return { ...(matched ?? NOTHING_MATCHED), failed: "lists_failed" }
  }
}

function matchOrUndefined(
  fingerprint: Fingerprint,
  index: MatchingPorts["index"],
  declared: MatchOptions,
): MatchResult | undefined {
  try {
    return matchFingerprint(fingerprint, index, declared)
  } catch {
    return undefined
  }
}

/** No classifier receives an item that matched a list, or that might have: a picture that could not be hashed. */
function mayClassify(matched: MatchResult & Failable, { inconclusive }: Fingerprint): boolean {
  if (matched.failed !== undefined || matched.matches.length > 0) return false
  return inconclusive === undefined || inconclusive === "media_unsupported"
}
