import { DependencyError, hasCode, ISOLATIONS, type Isolation, isolationHint } from "@nightlight/core"
import { hasFilterFor } from "./system-call-filter.ts"
import { systemProgram } from "./system-programs.ts"

/**
 * `auto`: the strongest that a child starts in. `needed`: the same, and nothing starts where that would be `none`. Any
 * other: that one alone.
 */
export type IsolationChoice = "auto" | "needed" | Isolation

/** What this process found out: the strongest isolation that a child started in. */
let found: Isolation | undefined

/** The first look at it. Whoever comes in the meantime waits, and is told the same. */
let looking: Promise<unknown> | undefined

/**
 * Starts something in the strongest isolation that the system grants, which only a start can tell. The first success
 * holds for this process: what fails later is a failure, and never a reason for a weaker one.
 *
 * @throws {DependencyError} `decoder_unavailable` when nothing starts in the isolation found or asked for;
 *   `decoder_not_isolated` when one is needed and there is none.
 */
export async function startStrongest<T>(
  choice: IsolationChoice,
  start: (isolation: Isolation) => Promise<T>,
): Promise<T> {
  if (choice !== "auto" && choice !== "needed") return start(choice)
  while (looking !== undefined) await looking
  if (found !== undefined) return choice === "needed" && found === "none" ? refuse() : start(found)
  const look = tryEach(start, choice)
  looking = look.then(
    () => undefined,
    () => undefined,
  )
  return look.finally(() => {
    looking = undefined
  })
}

/** The isolation that {@link startStrongest} found in this process; undefined before its first start. */
export function knownIsolation(): Isolation | undefined {
  return found
}

async function tryEach<T>(start: (isolation: Isolation) => Promise<T>, choice: "auto" | "needed"): Promise<T> {
  let last: unknown
  for (const isolation of ISOLATIONS.filter(mayHold)) {
    if (isolation === "none" && choice === "needed") refuse()
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

function refuse(): never {
  throw new DependencyError("decoder_not_isolated", "this system isolates no decoder: hostile media are not decoded", {
    hint: isolationHint("the configuration"),
  })
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
