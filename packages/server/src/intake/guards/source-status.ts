/**
 * The status of a source's guards, from the last heartbeat of each.
 * @module
 */
import { GUARD_LATE_SECONDS, type GuardSource, type GuardView } from "@nightlight/contract/server"
import type { GuardProcess } from "./types.ts"

const STATES: readonly GuardView["state"][] = ["running", "draining", "late", "stopped"]

/**
 * The status of the guards of a source. A guard that fell silent or stopped is left out once another one started after
 * its last heartbeat: each start replaces one guard, the last that ended before it.
 *
 * @param heard - At least one.
 */
export function statusOf(heard: readonly GuardProcess[], now: Date): Omit<GuardSource, "sourceName"> {
  const known = heard.map((guard) => ({ guard, state: stateOf(guard, now) }))
  const gone = new Set(known.filter(({ state }) => state === "late" || state === "stopped"))
  for (const { guard: newcomer } of known.toSorted((a, b) => +a.guard.firstSeenAt - +b.guard.firstSeenAt)) {
    const before = [...gone].filter(({ guard }) => guard.lastSeenAt < newcomer.firstSeenAt)
    const replaced = before.toSorted((a, b) => +a.guard.lastSeenAt - +b.guard.lastSeenAt).at(-1)
    if (replaced !== undefined) gone.delete(replaced)
  }
  const shown = known
    .filter((one) => gone.has(one) || one.state === "running" || one.state === "draining")
    .toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))
  return {
    source: heard[0]?.source ?? "",
    lastSeenAt: new Date(Math.max(...heard.map(({ lastSeenAt }) => lastSeenAt.getTime()))).toISOString(),
    state: wholeOf(shown.map(({ guard, state }) => ({ state, ready: guard.heartbeat.ready }))),
    guards: shown.map(({ guard, state }) => toView(guard, state)),
  }
}

function stateOf({ lastSeenAt, heartbeat }: GuardProcess, now: Date): GuardView["state"] {
  if (heartbeat.state === "stopped") return "stopped"
  return now.getTime() - lastSeenAt.getTime() > GUARD_LATE_SECONDS * 1000 ? "late" : heartbeat.state
}

function wholeOf(guards: readonly Pick<GuardView, "state" | "ready">[]): GuardSource["state"] {
  if (guards.some(({ state }) => state === "late")) return "late"
  if (guards.every(({ state }) => state === "stopped")) return "stopped"
  return guards.some(({ state, ready }) => state === "running" && !ready) ? "unready" : "running"
}

function toView({ heartbeat, firstSeenAt, lastSeenAt }: GuardProcess, state: GuardView["state"]): GuardView {
  return { ...heartbeat, state, firstSeenAt: firstSeenAt.toISOString(), lastSeenAt: lastSeenAt.toISOString() }
}
