/**
 * Whether a call may go on, and how its block is recorded: shared by all calls of a guard.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Accounts, Caller, NamedAccount } from "../accounts/caller.ts"
import { GuardRefusal } from "../errors.ts"
import type { BlockEvent, Incidents } from "../incidents/ports.ts"
import type { EndpointName } from "../inspect/surface.ts"
import type { Running } from "./running.ts"

/** A call that asks for admission. */
export interface AdmissionCall {
  readonly endpoint: EndpointName
  readonly caller: Caller
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** The answer to a call that asks for admission. */
export interface Admission {
  readonly account?: NamedAccount
  /** False where the guard cannot work now: nothing could be recorded, or a surface is not covered. */
  readonly isOpen: boolean
}

/** The ports of an exchange to what exists once for all of a guard's processes. */
export interface ExchangePorts {
  /**
   * Admits a call of a key and of the account that it names.
   *
   * @throws {GuardRefusal} `rate_limit_exceeded`, `end_user_invalid`, `account_suspended`.
   */
  readonly admit: (call: AdmissionCall, running: Running) => Admission | Promise<Admission>
  /**
   * Records a block and counts it for the account. When it resolves, it is on disk.
   *
   * @param call - {@link NamedAccount.call}
   */
  readonly record: (event: BlockEvent, call: string | undefined) => Promise<"kept" | "alarm">
}

/** The stores of incidents and accounts. */
export interface ExchangePortsDeps {
  readonly incidents: Incidents
  readonly accounts?: Accounts
}

/** The ports within the process that holds accounts and incidents. */
export function createExchangePorts({ incidents, accounts }: ExchangePortsDeps): ExchangePorts {
  return {
    admit: ({ endpoint, caller, headers }, running) => {
      running.limit(caller.id)
      const account = accounts?.read(headers, caller)
      if (account?.record.step === "suspended") {
        throw new GuardRefusal("account_suspended", "this account is suspended at present")
      }
      const hasRoom = incidents.state().accepting && incidents.accepts?.(caller, account?.user) !== false
      const isOpen = hasRoom && running.isCovered(endpoint)
      return compact({ account, isOpen })
    },
    record: async (event, call) => {
      let kept: "kept" | "alarm" = "alarm"
      try {
        kept = await incidents.block(event)
      } finally {
        if (event.accountRecord !== undefined) accounts?.blocked(event.accountRecord, event.exchange, call)
      }
      return kept
    },
  }
}
