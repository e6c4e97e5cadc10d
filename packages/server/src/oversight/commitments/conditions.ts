/**
 * Conditions that must hold now for a control to count, whatever the log says of earlier days.
 * @module
 */
import type { ShareOf } from "@nightlight/contract/server"
import type { ConditionId } from "@nightlight/core"

/** State of a condition now. */
export interface ConditionState {
  readonly holds: boolean
  /** The share of things that meet it; absent if there are none. */
  readonly share?: ShareOf
  /** Time of the newest sign that it holds; absent if none is known. */
  readonly at?: Date | undefined
}

/** Reads the present state of each condition. */
export type Conditions = Readonly<Record<ConditionId, () => Promise<ConditionState>>>

/** State of a condition without any facts: it does not hold. */
export const UNKNOWN_CONDITION: ConditionState = { holds: false }

/** Reads all conditions at once; one that fails does not hold. */
export async function readConditions(conditions: Conditions): Promise<ReadonlyMap<ConditionId, ConditionState>> {
  const ids = Object.keys(conditions) as ConditionId[]
  const states = await Promise.all(ids.map((id) => conditions[id]().catch(() => UNKNOWN_CONDITION)))
  return new Map(ids.map((id, position) => [id, states[position] ?? UNKNOWN_CONDITION]))
}

/** The state of a condition that each of several things must meet; it does not hold if there are none. */
export function allConditionsMet(things: readonly { readonly meets: boolean }[], at?: Date): ConditionState {
  if (things.length === 0) return UNKNOWN_CONDITION
  const met = things.filter(({ meets }) => meets).length
  return { holds: met === things.length, share: { met, of: things.length }, at }
}
