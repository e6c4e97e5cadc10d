/**
 * Which checks run together, and in what order.
 * @module
 */
import type { Check, CheckKind } from "../checks/check.ts"

/** Order of the kinds: a later one runs only when nothing before it found something or failed. */
export const KINDS: readonly CheckKind[] = ["match", "text", "classifier"]

/** Checks that run together. */
export interface Stage {
  readonly kind: CheckKind
  readonly checks: readonly Check[]
}

/** The stages, in order: by kind, and within a kind by `stage`. */
export function stagesOf(checks: readonly Check[]): Stage[] {
  return KINDS.flatMap((kind) => {
    const own = checks.filter((check) => check.kind === kind)
    const levels = [...new Set(own.map(levelOf))].toSorted((a, b) => a - b)
    return levels.map((level) => ({ kind, checks: own.filter((check) => levelOf(check) === level) }))
  })
}

function levelOf({ stage = 0 }: Check): number {
  return stage
}
