import type { Score, Verdict } from "@nightlight/core"
import { CLASSIFIER_TIMEOUT_MS, type Policy, withDeadline } from "@nightlight/screening"
import type { TextClassifier } from "./types.ts"

/** Dependencies of {@link screenText}. */
export interface ScreenTextDeps {
  readonly policy: Policy
  readonly classifyText?: TextClassifier
}

/**
 * Decides on a text: `unscreened` without a detector, `inconclusive` if the detector fails. A text alone is never
 * sealed, filed or counted against an account.
 *
 * @throws the reason of `signal`.
 */
export async function screenText(
  text: string,
  { policy, classifyText }: ScreenTextDeps,
  signal: AbortSignal,
): Promise<Verdict> {
  const signals = { matches: [], weakMatches: [], mediaType: "text/plain", kind: "text" } as const
  if (classifyText === undefined) return policy.decide({ ...signals, scores: [], screened: false })
  let scores: readonly Score[]
  try {
    scores = await withDeadline((stop) => classifyText(text, stop), CLASSIFIER_TIMEOUT_MS, signal)
  } catch {
    signal.throwIfAborted()
    return policy.decide({ ...signals, scores: [], screened: true, inconclusive: "classifier_failed" })
  }
  return policy.decide({ ...signals, scores, screened: true })
}
