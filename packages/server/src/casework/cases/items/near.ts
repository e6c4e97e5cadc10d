/**
 * Near-duplicates: pictures that look alike are ordered next to each other, so that a reviewer sees similar ones
 * together. Only the order is shared, never a decision, a mark that something was seen, or a report.
 * @module
 */
import { memberOf } from "@nightlight/core"
import { fromHex, hammingDistance, MATCH_MIN_QUALITY, MATCH_RADIUS_BITS } from "@nightlight/pdq"
import type { ItemId, LocationContext } from "../types.ts"

/** Which items look alike. */
export interface NearItems {
  /** The case's items, those that look alike next to each other. */
  readonly order: readonly ItemId[]
  /** For each item that has any, the items that look like it, including those of other cases of its group. */
  readonly near: readonly { readonly itemId: ItemId; readonly alike: readonly { caseId: string; itemId: ItemId }[] }[]
}

/** An item with the sealed context of its first place. */
export interface ComparedItem {
  readonly caseId: string
  readonly itemId: ItemId
  readonly context: LocationContext
}

/** Of a picture, the first frame, whole and cropped; more hashes would make comparing a thousand items slow. */
const HASHES_MAX = 2

/** Compares all items with each other by PDQ within the usual radius. */
export function nearItems(caseId: string, caseItems: readonly ComparedItem[]): NearItems {
  const hashed = caseItems.map((caseItem) => ({ ...caseItem, hashes: pdqHashesOf(caseItem.context) }))
  const alike = new Map<ItemId, { caseId: string; itemId: ItemId }[]>()
  const note = (item: ComparedItem, other: ComparedItem) => {
    const known = alike.get(item.itemId) ?? []
    known.push({ caseId: other.caseId, itemId: other.itemId })
    alike.set(item.itemId, known)
  }
  for (const [index, one] of hashed.entries()) {
    for (const other of hashed.slice(index + 1)) {
      if (!one.hashes.some((a) => other.hashes.some((b) => hammingDistance(a, b) <= MATCH_RADIUS_BITS))) continue
      note(one, other)
      note(other, one)
    }
  }
  const own = hashed.filter((caseItem) => caseItem.caseId === caseId).map(({ itemId }) => itemId)
  return {
    order: ordered(own, (itemId) => (alike.get(itemId) ?? []).map((other) => other.itemId)),
    near: own.flatMap((itemId) => {
      const others = alike.get(itemId)
      return others === undefined ? [] : [{ itemId, alike: others }]
    }),
  }
}

/** Order of attachment, but connected items follow the first of them. */
function ordered(own: readonly ItemId[], alike: (itemId: ItemId) => readonly ItemId[]): readonly ItemId[] {
  const mine = new Set(own)
  const placed = new Set<ItemId>()
  for (const first of own) {
    const waiting = [first]
    for (let itemId = waiting.shift(); itemId !== undefined; itemId = waiting.shift()) {
      if (placed.has(itemId)) continue
      if (mine.has(itemId)) placed.add(itemId)
      waiting.push(...alike(itemId).filter((other) => mine.has(other) && !placed.has(other)))
    }
  }
  return [...placed]
}

/** PDQ hashes of sufficient quality from the fingerprint in a sealed context; empty if there are none. */
export function pdqHashesOf({ found }: LocationContext): readonly Uint8Array[] {
  const views = memberOf(memberOf(memberOf(found, "fingerprint"), "picture"), "views")
  if (!Array.isArray(views)) return []
  const hashes: Uint8Array[] = []
  for (const view of views as readonly unknown[]) {
    const pdq = memberOf(view, "pdq")
    const quality = memberOf(view, "quality")
    if (typeof pdq !== "string" || !/^[0-9a-f]{64}$/.test(pdq)) continue
    if (typeof quality !== "number" || quality < MATCH_MIN_QUALITY) continue
    hashes.push(fromHex(pdq))
    if (hashes.length === HASHES_MAX) break
  }
  return hashes
}
