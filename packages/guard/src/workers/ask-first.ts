/**
 * A worker's ports, which ask the first process. A missing answer never counts as a yes.
 * @module
 */
import type { Check } from "../checks/check.ts"
import { hashMatchShape } from "../checks/hash-match/hash-match.ts"
import { GuardRefusal } from "../errors.ts"
import type { ExchangePorts } from "../running/admission.ts"
import type { Peer } from "./peer.ts"
import type { AskedByWorkers } from "./questions.ts"

/** The first process's last word about the lists. */
export interface ListsKnown {
  screens: boolean
}

/** Longest wait of a call for its admission, milliseconds. */
const ADMIT_MS = 5_000

/** Headers about an end user; no other header leaves the worker. */
const END_USER = /^x-nightlight-/

/** Makes a check of pictures that the first process runs. */
export function createRemoteMatch(
  { name, deadlineMs }: { readonly name: string; readonly deadlineMs: number },
  first: Peer<AskedByWorkers>,
  lists: ListsKnown,
): Check {
  return {
    ...hashMatchShape(name, deadlineMs),
    screens: () => lists.screens,
    run: (items, given, signal) => {
      const { requestItems: _, ...context } = given
      return first.ask("match", { name, deadlineMs, items, context }, { timeoutMs: deadlineMs, signal })
    },
  }
}

/** Makes the ports of exchanges. */
export function createRemotePorts(first: Peer<AskedByWorkers>, lists: ListsKnown): ExchangePorts {
  return {
    admit: async ({ endpoint, caller, headers }) => {
      const said = Object.fromEntries(Object.entries(headers).filter(([name]) => END_USER.test(name)))
      try {
        const { screens, ...admission } = await first.ask(
          "admit",
          { endpoint, caller, headers: said },
          { timeoutMs: ADMIT_MS },
        )
        lists.screens = screens
        return admission
      } catch (error) {
        if (error instanceof GuardRefusal) throw error
        return { isOpen: false }
      }
    },
    // Without a time limit: the answer waits until the block is on disk.
    record: (event, call) => first.ask("record", { event, call }),
  }
}
