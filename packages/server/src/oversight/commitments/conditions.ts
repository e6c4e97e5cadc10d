/**
 * What must hold now so that a control counts: asked of how things stand, whatever the log says of earlier days.
 * @module
 */
import type { ShareOf } from "@nightlight/contract/server"
import type { ConditionId } from "@nightlight/core"

/** How a condition stands. */
export interface ConditionState {
  readonly holds: boolean
  /** Of the things that it speaks of, those that meet it; absent where there are none. */
  readonly share?: ShareOf
  /** Newest sign that it holds; absent where none is known. */
  readonly at?: Date | undefined
}

/** Tells how each condition stands now. */
export type Conditions = Readonly<Record<ConditionId, () => Promise<ConditionState>>>

/** How a condition stands of which nothing is known: it does not hold. */
export const UNKNOWN_CONDITION: ConditionState = { holds: false }

/** Asks all conditions at once; one that cannot be told does not hold. */
export async function readConditions(conditions: Conditions): Promise<ReadonlyMap<ConditionId, ConditionState>> {
  const ids = Object.keys(conditions) as ConditionId[]
  const states = await Promise.all(ids.map((id) => conditions[id]().catch(() => UNKNOWN_CONDITION)))
  return new Map(ids.map((id, position) => [id, states[position] ?? UNKNOWN_CONDITION]))
}

/** The state of a condition that each of several things must meet; it does not hold of none. */
export function eachOf(things: readonly { readonly meets: boolean }[], at?: Date): ConditionState {
  if (things.length === 0) return UNKNOWN_CONDITION
  const met = things.filter(({ meets }) => meets).length
  return { holds: met === things.length, share: { met, of: things.length }, at }
}
