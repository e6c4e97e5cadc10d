import { DependencyError, hasCode, ISOLATIONS, type Isolation } from "@nightlight/core"
import { hasFilterFor } from "./system-call-filter.ts"
import { systemProgram } from "./system-programs.ts"

/** `auto`: the strongest that a child starts in. Any other: that one or none, for tests and for who knows better. */
export type IsolationChoice = "auto" | Isolation

/** What this process found out: the strongest isolation that a child started in. */
let found: Isolation | undefined

/** The first look at it. Whoever comes in the meantime waits, and is told the same. */
let looking: Promise<unknown> | undefined

/**
 * Starts something in the strongest isolation that the system grants, which only a start can tell. The first success
 * holds for this process: what fails later is a failure, and never a reason for a weaker one.
 *
 * @throws {DependencyError} `decoder_unavailable` when nothing starts in the isolation found or asked for.
 */
export async function startStrongest<T>(
  choice: IsolationChoice,
  start: (isolation: Isolation) => Promise<T>,
): Promise<T> {
  if (choice !== "auto") return start(choice)
  while (looking !== undefined) await looking
  if (found !== undefined) return start(found)
  const look = tryEach(start)
  looking = look.then(
    () => undefined,
    () => undefined,
  )
  return look.finally(() => {
    looking = undefined
  })
}

/** What {@link startStrongest} found in this process, if it has looked. */
export function knownIsolation(): Isolation | undefined {
  return found
}

async function tryEach<T>(start: (isolation: Isolation) => Promise<T>): Promise<T> {
  let last: unknown
  for (const isolation of ISOLATIONS.filter(mayHold)) {
    try {
      const started = await start(isolation)
      found = isolation
      return started
    } catch (error) {
      if (!hasCode(error, "decoder_unavailable")) throw error
      last = error
    }
  }
  throw last ?? new DependencyError("decoder_unavailable", "no decoder child can be started")
}

/** Leaves out what cannot be: starting a child tells the rest. */
function mayHold(isolation: Isolation): boolean {
  if (isolation === "none") return true
  if (process.platform !== "linux") return false
  switch (isolation) {
    case "bwrap+seccomp":
      return hasFilterFor(process.arch) && systemProgram("bwrap") !== undefined
    case "bwrap":
      return systemProgram("bwrap") !== undefined
    case "unshare":
      return systemProgram("unshare") !== undefined && systemProgram("setpriv") !== undefined
  }
}
