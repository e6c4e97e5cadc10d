/**
 * Which finds stand in one case.
 *
 * An account's finds are one case; a dataset's are one case for each host that they came from; anything else is a case
 * of its own. Test cards stand apart from everything, so that they never lend a real find their harmlessness, nor take
 * its gravity.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson, type Match } from "@nightlight/core"
import type { CaseKind, Strength } from "../../platform/db/tables/casework.ts"
import type { FindOrigin, IncomingFind } from "./types.ts"

/** A case takes no more finds than this; the next one opens another. */
export const FINDS_PER_CASE = 1000

/** How a find is grouped. */
export interface Grouping {
  readonly kind: CaseKind
  /** Finds with the same group join one open case; unique to the find where it must not be joined. */
  readonly group: string
}

/** Says which case a find belongs into: a function of source, origin and matches alone. */
export function groupingOf(
  find: Pick<IncomingFind, "source" | "origin" | "matches" | "findingId" | "testOnly">,
): Grouping {
  const { source, origin, findingId } = find
  const kind = find.testOnly && isTestCard(find.matches) ? "test" : origin.kind
  // What goes in is keyed already, so the digest says nothing to who has not the key either.
  const group = createHash("sha256").update(canonicalJson([kind, source, ...originKey(origin, findingId)]))
  return { kind, group: group.digest("hex") }
}

function originKey(origin: FindOrigin, findingId: string): readonly string[] {
  switch (origin.kind) {
    case "account":
      return ["account", origin.accountKey]
    case "dataset":
      return ["dataset", origin.datasetKey, origin.hostKey ?? "-"]
    case "direct":
      return ["direct", findingId]
    default:
      return origin satisfies never
  }
}

/** Whether nothing but test lists matched. One real match makes a find real, whatever else it matches. */
export function isTestCard(matches: readonly Match[]): boolean {
  return matches.length > 0 && matches.every(({ trust }) => trust === "test")
}

/**
 * How strong the best match is. A digest that the sample only states, MD5 alone, and PDQ are `near`: a person looks at
 * what they mean before anything is filed.
 */
export function strengthOf(matches: readonly Match[]): Strength {
  if (isTestCard(matches)) return "test"
  const trusted = matches.filter(({ trust }) => trust === "trusted")
  if (trusted.some(isExact)) return "exact"
  if (trusted.length > 0) return "near"
  return matches.some(({ trust }) => trust === "lead") ? "lead" : "other"
}

function isExact({ hashType, declared }: Match): boolean {
  return declared !== true && (hashType === "sha1" || hashType === "sha256")
}
