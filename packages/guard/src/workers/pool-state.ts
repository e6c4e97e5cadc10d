import type { CheckState } from "../admin/check-watch.ts"
import type { FrontState } from "../http/front.ts"
import type { Member } from "./member.ts"

/** A worker silent for this long, in milliseconds, does not count as ready. */
const SILENT_MS = 5_000

/** The state of all workers together: what one cannot do, the guard cannot. */
export function stateOf(ready: readonly Member[], configured: number): FrontState {
  const isSilent = ready.some(({ seenAt }) => performance.now() - seenAt > SILENT_MS)
  const isMissing = ready.length < configured
  const states = ready.flatMap(({ state }) => (state === undefined ? [] : [state]))
  return {
    checks: worstOf(states.flatMap(({ checks }) => checks)),
    unready: [...new Set(states.flatMap(({ unready }) => unready))],
    canServe: !isMissing && !isSilent && states.every(({ canServe }) => canServe),
    faults: [...(isMissing ? ["worker_missing"] : []), ...(isSilent ? ["worker_silent"] : [])],
    workers: { configured, ready: ready.length },
  }
}

/** One state for each check: a failing worker's, since the time of the first failure anywhere. */
function worstOf(states: readonly CheckState[]): CheckState[] {
  const byName = new Map<string, CheckState>()
  for (const state of states) {
    const known = byName.get(state.name)
    if (known === undefined || rankOf(state) > rankOf(known)) byName.set(state.name, state)
  }
  return [...byName.values()]
}

function rankOf({ failing, last }: CheckState): number {
  if (failing !== undefined) return failing.isDown ? 3 : 2
  return last === undefined ? 0 : 1
}
