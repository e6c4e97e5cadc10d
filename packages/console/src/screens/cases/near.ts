import type { NearFindsView } from "@nightlight/contract/server"
import type { Of } from "../../api/of.ts"
import type { Find } from "./queries.ts"

/** What an item looks like: other items of the case by their place, and cases that hold another. */
export interface Alike {
  readonly positions: readonly number[]
  readonly cases: readonly string[]
}

/** Items in the order that they are worked through in: those that look alike stand together. */
export function inNearOrder(finds: readonly Find[], near: Of<typeof NearFindsView> | undefined): readonly Find[] {
  if (near === undefined) return finds
  const place = new Map(near.order.map((findId, at) => [findId, at]))
  return finds.toSorted((a, b) => (place.get(a.findId) ?? a.position) - (place.get(b.findId) ?? b.position))
}

/** What each item looks like, by its id; nothing of an item that is like no other. */
export function alikeOf(
  caseId: string,
  finds: readonly Find[],
  near: Of<typeof NearFindsView> | undefined,
): ReadonlyMap<string, Alike> {
  const positions = new Map(finds.map(({ findId, position }) => [findId, position]))
  return new Map(
    near?.near.map(({ findId, alike }) => [
      findId,
      {
        positions: alike.flatMap((other) => positions.get(other.findId) ?? []).toSorted((a, b) => a - b),
        cases: [...new Set(alike.map((other) => other.caseId))].filter((id) => id !== caseId),
      },
    ]),
  )
}
