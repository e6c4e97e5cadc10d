/**
 * Runs the classifiers on an item that no list matched.
 * @module
 */
import { createHash } from "node:crypto"
import { compact, type Fingerprint, hasCode, type InconclusiveCause, type Score } from "@nightlight/core"
import type { Classifier } from "../ports.ts"
import { withDeadline } from "./deadline.ts"

/** Default time limit of one classifier, or of reading the item's bytes for it. */
export const CLASSIFIER_TIMEOUT_MS = 30_000

/** An answer with more scores or label bytes counts as a malfunction. */
const MAX_SCORES = 1000
const MAX_LABEL_LENGTH = 200

/** An item to be classified. */
export interface ClassifyRequest {
  readonly fingerprint: Fingerprint
  /** Reads the whole item, once; absent where the bytes are not available: then no classifier can run. */
  readonly readBytes?: (signal: AbortSignal) => Promise<Uint8Array>
}

/** The classifiers' scores, and the first failure. */
export interface Classification {
  /** In the order of the classifiers, then of each one's answer. Those of a failed classifier are missing. */
  readonly scores: readonly Score[]
  /** The first failure. It never counts as clear. */
  readonly inconclusive?: InconclusiveCause
}

/**
 * Runs all classifiers at once over an item's bytes, each with its own deadline.
 *
 * Call it only after matching found nothing: no classifier receives an item that matched a list. A classifier receives
 * only bytes whose SHA-256 equals the fingerprint's. One that throws, hangs or answers with anything except scores from
 * 0 to 1 under its own name makes the item inconclusive; the others' scores are kept.
 *
 * @throws the reason of `signal` when the caller gives up, and nothing else.
 */
export async function classify(
  request: ClassifyRequest,
  classifiers: readonly Classifier[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Classification> {
  const { fingerprint, readBytes } = request
  if (classifiers.length === 0) return { scores: [] }
  if (readBytes === undefined) return { scores: [], inconclusive: "classifier_failed" }

  let bytes: Uint8Array
  try {
    bytes = await withDeadline(readBytes, timeoutMs, signal)
    if (!(bytes instanceof Uint8Array)) return { scores: [], inconclusive: "source_unreadable" }
    const digest = createHash("sha256").update(bytes).digest("hex")
    if (digest !== fingerprint.sha256) return { scores: [], inconclusive: "source_changed" }
  } catch (error) {
    signal?.throwIfAborted()
    return { scores: [], inconclusive: hasCode(error, "timed_out") ? "time_limit" : "source_unreadable" }
  }

  const answers = await Promise.all(classifiers.map((classifier) => ask(classifier)))
  signal?.throwIfAborted()
  const failure = answers.find((answer) => answer.inconclusive !== undefined)?.inconclusive
  return compact({
    scores: answers.flatMap((answer) => answer.scores),
    inconclusive: failure,
  })

  async function ask(classifier: Classifier): Promise<Classification> {
    try {
      const scores = await withDeadline((stop) => classifier.classify(bytes, fingerprint, stop), timeoutMs, signal)
      return { scores: checkedScores(scores, classifier.name) }
    } catch (error) {
      return { scores: [], inconclusive: hasCode(error, "timed_out") ? "classifier_timed_out" : "classifier_failed" }
    }
  }
}

/** Rebuilds each score from its known fields: nothing else in a classifier's answer is passed on. */
function checkedScores(answer: unknown, classifier: string): readonly Score[] {
  if (!Array.isArray(answer) || answer.length > MAX_SCORES) throw new TypeError("expected a list of scores")
  return answer.map((item: Partial<Score> | null) => {
    const label = item?.label
    const score = item?.score
    const sound =
      item?.classifier === classifier &&
      typeof label === "string" &&
      label.length <= MAX_LABEL_LENGTH &&
      typeof score === "number" &&
      score >= 0 &&
      score <= 1
    if (!sound) throw new TypeError("expected scores from 0 to 1 under the classifier's own name")
    return { classifier, label, score }
  })
}
