/**
 * Lists what the suite does not test, so that a full score is not overestimated.
 * @module
 */
import type { CaseResult } from "../case/case.ts"

/** Surfaces that no case tests. */
const NEVER_TESTED: readonly string[] = [
  "audio, video and files: only that they are refused",
  "realtime connections after an upgrade",
  "the Anthropic, Gemini and Bedrock APIs",
  "pictures that were cropped, framed, turned or drawn over, and formats that few viewers show",
  "links to public hosts",
  "classifiers: only that a phrase and a listed picture are stopped",
  "rates, loads, caches and several instances",
]

/** Lists endpoints that the target does not offer, and surfaces that no case tests. */
export function untestedSurfaces(results: readonly CaseResult[]): readonly string[] {
  const offered = new Set(results.filter(({ outcome }) => outcome !== "untested").map(({ endpoint }) => endpoint))
  const missing = new Set(results.map(({ endpoint }) => endpoint).filter((endpoint) => !offered.has(endpoint)))
  return [...[...missing].map((endpoint) => `${endpoint}: not offered by the target`), ...NEVER_TESTED]
}
