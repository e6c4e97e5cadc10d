import type { Guards } from "../../intake/guards/types.ts"

/** Reported state of the guards of all sources together. */
export interface GuardsSeen {
  /** Number of guards with a recent heartbeat; of those among them that take no calls; and of those that are late. */
  readonly reporting: number
  readonly unready: number
  readonly silent: number
  readonly seenAt: Date | undefined
}

/** Reads the state of the guards. */
export async function guardsSeen(guards: Pick<Guards, "list">): Promise<GuardsSeen> {
  const { sources } = await guards.list({ kind: "system", id: "system-home" })
  const all = sources.flatMap((source) => source.guards)
  const [newest] = all.map(({ lastSeenAt }) => Date.parse(lastSeenAt)).toSorted((a, b) => b - a)
  const reporting = all.filter(({ state }) => state === "running" || state === "draining")
  return {
    reporting: reporting.length,
    unready: reporting.filter(({ ready }) => !ready).length,
    silent: all.filter(({ state }) => state === "late").length,
    seenAt: newest === undefined ? undefined : new Date(newest),
  }
}
