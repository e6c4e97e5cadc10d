import type { ConditionState, Conditions } from "../../../src/oversight/commitments/conditions.ts"

const HOLDING: ConditionState = { holds: true, share: { met: 1, of: 1 }, at: new Date("2026-01-01T00:00:00.000Z") }

/** Conditions that hold, but for those that are given. */
export function someConditions(states: Partial<Record<keyof Conditions, ConditionState>> = {}): Conditions {
  return {
    "every-dataset-scanned": async () => states["every-dataset-scanned"] ?? HOLDING,
    "guards-report": async () => states["guards-report"] ?? HOLDING,
    "lists-live": async () => states["lists-live"] ?? HOLDING,
    "nothing-overdue": async () => states["nothing-overdue"] ?? HOLDING,
  }
}
