import { DependencyError, hasCode, ISOLATIONS, type Isolation, isolationHint } from "@nightlight/core"
import { hasFilterFor } from "./system-call-filter.ts"
import { systemProgram } from "./system-programs.ts"

/**
 * `auto`: the strongest isolation in which a child starts, `none` included. `needed`: the same without `none`. Any
 * other: only that one.
 */
export type IsolationChoice = "auto" | "needed" | Isolation

/** The strongest isolation in which a child of this process started. */
let found: Isolation | undefined

/** The first search for it; other callers wait for the same result. */
let running: Promise<unknown> | undefined

/**
 * Starts a child in the strongest isolation that the system supports, which only a start can show. The first success
 * applies to the whole process: a later failure is an error, never a reason for a weaker isolation.
 *
 * @throws {DependencyError} `decoder_unavailable` when no child starts in the found or requested isolation;
 *   `decoder_not_isolated` when one is needed and there is none.
 */
export async function startStrongest<T>(
  choice: IsolationChoice,
  start: (isolation: Isolation) => Promise<T>,
): Promise<T> {
  if (choice !== "auto" && choice !== "needed") return start(choice)
  while (running !== undefined) await running
  if (found !== undefined) return choice === "needed" && found === "none" ? refuse() : start(found)
  const attempt = tryEach(start, choice)
  running = attempt.then(
    () => undefined,
    () => undefined,
  )
  return attempt.finally(() => {
    running = undefined
  })
}

/** The isolation that {@link startStrongest} found in this process; `undefined` before its first start. */
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
  throw new DependencyError(
    "decoder_not_isolated",
    "this system cannot isolate the decoder, so untrusted media are not decoded",
    {
      hint: isolationHint("the configuration"),
    },
  )
}

/** Leaves out isolations that cannot work here; starting a child shows the rest. */
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
