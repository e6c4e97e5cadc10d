/**
 * Decides which items belong to one case.
 *
 * An account's items are one case; a dataset's are one case for each host that they came from; anything else is a case
 * of its own. Test cards are kept in cases of their own, so that a real item is never taken for harmless, nor a test
 * card for grave.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson, type Match } from "@nightlight/core"
import type { CaseKind, Strength } from "../../../platform/db/tables/casework.ts"
import type { IncomingItem, ItemOrigin } from "../types.ts"

/** Maximum number of items of a case; the next item opens another case. */
export const ITEMS_PER_CASE = 1000

/** Kind and group, which decide the case of an item. */
export interface Grouping {
  readonly kind: CaseKind
  /** Items of the same group join one open case; unique to the item if it must not join others. */
  readonly group: string
}

/** Decides which case an item belongs to, from source, origin and matches alone. */
export function groupingOf(
  caseItem: Pick<IncomingItem, "source" | "origin" | "matches" | "findingId" | "testOnly">,
): Grouping {
  const { source, origin, findingId } = caseItem
  const kind = caseItem.testOnly && isTestCard(caseItem.matches) ? "test" : origin.kind
  // The inputs are keyed already, so the digest reveals nothing to somebody without the key.
  const group = createHash("sha256").update(canonicalJson([kind, source, ...originKey(origin, findingId)]))
  return { kind, group: group.digest("hex") }
}

function originKey(origin: ItemOrigin, findingId: string): readonly string[] {
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

/** Whether only test lists matched. One real match makes an item real, whatever else it matches. */
export function isTestCard(matches: readonly Match[]): boolean {
  return matches.length > 0 && matches.every(({ trust }) => trust === "test")
}

/**
 * Strength of the best match. A digest that the sample only states, MD5 alone, and PDQ are `near`: a person must check
 * them before anything is filed.
 */
export function strengthOf(matches: readonly Match[]): Strength {
  if (isTestCard(matches)) return "test"
  const trusted = matches.filter(({ trust }) => trust === "trusted")
  if (trusted.some(isExact)) return "exact"
  if (trusted.length > 0) return "near"
  return matches.some(({ trust }) => trust === "unverified") ? "unverified" : "other"
}

function isExact({ hashType, declared }: Match): boolean {
  return declared !== true && (hashType === "sha1" || hashType === "sha256")
}
