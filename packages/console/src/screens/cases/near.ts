import type { NearItemsView } from "@nightlight/contract/server"
import type { SchemaOutput } from "../../api/schema-output.ts"
import type { CaseItem } from "./queries.ts"

/** Items similar to an item: positions in the same case, and other cases. */
export interface SimilarItems {
  readonly positions: readonly number[]
  readonly cases: readonly string[]
}

/** Items in the order for review, with similar ones next to each other. */
export function inNearOrder(
  caseItems: readonly CaseItem[],
  near: SchemaOutput<typeof NearItemsView> | undefined,
): readonly CaseItem[] {
  if (near === undefined) return caseItems
  const place = new Map(near.order.map((itemId, index) => [itemId, index]))
  return caseItems.toSorted((a, b) => (place.get(a.itemId) ?? a.position) - (place.get(b.itemId) ?? b.position))
}

/** The similar items of each item, by item id; items without any are absent. */
export function alikeOf(
  caseId: string,
  caseItems: readonly CaseItem[],
  near: SchemaOutput<typeof NearItemsView> | undefined,
): ReadonlyMap<string, SimilarItems> {
  const positions = new Map(caseItems.map(({ itemId, position }) => [itemId, position]))
  return new Map(
    near?.near.map(({ itemId, alike }) => [
      itemId,
      {
        positions: alike.flatMap((other) => positions.get(other.itemId) ?? []).toSorted((a, b) => a - b),
        cases: [...new Set(alike.map((other) => other.caseId))].filter((id) => id !== caseId),
      },
    ]),
  )
}
