import type { Guards } from "../../intake/guards/types.ts"

/** What guards said of themselves, those of all sources together. */
export interface GuardsSeen {
  /** Those that say in time how they stand; of them those that take no calls; and those that should and do not. */
  readonly reporting: number
  readonly unready: number
  readonly silent: number
  readonly seenAt: Date | undefined
}

/** How the guards stand. */
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
