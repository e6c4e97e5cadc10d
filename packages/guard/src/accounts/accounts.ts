/**
 * Records of end users' accounts and conversations: what each did at this guard, in bounded memory.
 * @module
 */
import { createHmac } from "node:crypto"
import { type Clock, compact, systemClock } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"
import type { AccountRecord, Accounts, AgeBand, Caller, NamedAccount } from "./caller.ts"
import { LADDER, type LadderOptions, type Rung, rungOf } from "./ladder.ts"
import { type Entry, Ledger } from "./ledger.ts"
import { Replays } from "./replays.ts"
import { type HeaderKey, type Headers, readSignedHeaders } from "./signed-headers.ts"

/** An account reached a higher rung of the ladder: a suggestion for the people who manage accounts. */
export interface Escalation {
  /** Keyed digest, hexadecimal. */
  readonly account: string
  readonly from: Rung
  readonly to: Rung
  readonly heat: number
}

/** Keys, limits and the listener for escalations. */
export interface AccountsOptions {
  /** At least 32 bytes; makes the digests under which accounts are kept. */
  readonly digestKey: Uint8Array
  /** The key that verifies a caller's signatures now; undefined where the caller may not sign. */
  readonly keyOf: (caller: string) => HeaderKey | undefined
  readonly ladder?: Partial<LadderOptions>
  /** 100,000 by default; the same limit holds for conversations. */
  readonly maxAccounts?: number
  /** Largest difference between a signature's time and now, 5 minutes by default. */
  readonly freshMs?: number
  readonly onEscalation?: (escalation: Escalation) => void
  readonly clock?: Clock
}

/** State kept across a restart: digests, heats and age bands. */
export interface AccountsState {
  readonly accounts: readonly (readonly [digest: string, heat: number, heatAt: number, ageBand: AgeBand])[]
}

/** The port, with the methods that only its owner calls. */
export interface OwnedAccounts extends Accounts {
  /** Counts content that almost led to a block. Never throws. */
  nearMiss(record: AccountRecord, exchange: string): void
  state(): AccountsState
  restore(state: AccountsState): void
}

/** Makes the account records, in memory only. */
export function createAccounts(options: AccountsOptions): OwnedAccounts {
  const { digestKey, keyOf, maxAccounts = 100_000, freshMs = 300_000, onEscalation, clock = systemClock } = options
  const ladder = { ...LADDER, ...options.ladder }
  const accounts = new Ledger(maxAccounts, ladder)
  const conversations = new Ledger(maxAccounts, ladder)
  const replays = new Replays(freshMs)
  // A retry has its own record object, but belongs to the same call.
  const calls = new WeakMap<AccountRecord, string>()
  const digest = (what: string, value: string) =>
    createHmac("sha256", digestKey).update(`${what}\n${value}`).digest("hex").slice(0, 32)

  const read = (headers: Headers, caller: Caller): NamedAccount | undefined => {
    const signed = readSignedHeaders(headers, caller, keyOf(caller.id))
    if (signed === undefined) return undefined
    const now = clock.now().getTime()
    const call = digest("call", `${caller.id}\n${signed.nonce}`)
    replays.take(call, signed.timestamp, signed.signature, now)
    const { user } = signed
    const account = digest("account", user.id)
    const entry = accounts.use(account, now)
    const conversation =
      user.conversation === undefined ? undefined : digest("conversation", `${user.id}\n${user.conversation}`)
    const spoken = conversation === undefined ? undefined : conversations.use(conversation, now)
    entry.ageBand = strictest(entry.ageBand, user.ageBand)
    const heat = Math.max(entry.heat, spoken?.heat ?? 0)
    const rung = rungOf(heat, ladder)
    if (rung === "throttled") throttle(entry, now, ladder)
    const record: AccountRecord = compact({
      account,
      heat,
      ageBand: entry.ageBand,
      step: rung === "human_review" ? "suspended" : rung,
      conversation,
    })
    calls.set(record, call)
    return { user, record, call }
  }

  const count = (record: AccountRecord, call: string, what: string, weight: number): void => {
    const now = clock.now().getTime()
    // Looked up again: other accounts may have evicted this entry while the call was in progress.
    const account = accounts.use(record.account, now)
    const conversation = record.conversation === undefined ? undefined : conversations.use(record.conversation, now)
    const from = rungOf(accounts.heatOf(account, now), ladder)
    if (!accounts.add(account, `${what}:${call}`, weight, now)) return
    if (conversation !== undefined) conversations.add(conversation, `${what}:${call}`, weight, now)
    const to = rungOf(account.heat, ladder)
    if (to === from || onEscalation === undefined) return
    try {
      onEscalation({ account: record.account, from, to, heat: account.heat })
    } catch {
      // A listener's error is its own; the count is kept.
    }
  }

  return {
    read,
    blocked: (record, exchange, call = calls.get(record) ?? exchange) => count(record, call, "block", 1),
    nearMiss: (record, exchange) => count(record, calls.get(record) ?? exchange, "near", ladder.nearMissWeight),
    state: () => ({
      accounts: Array.from(accounts.all(), ([at, { heat, heatAt, ageBand }]) => [at, heat, heatAt, ageBand] as const),
    }),
    restore: ({ accounts: kept }) => {
      for (const [at, heat, heatAt, ageBand] of kept) accounts.restore(at, { heat, heatAt, ageBand })
    },
  }
}

/** An account once said to be a minor's stays one; a missing statement changes nothing. */
function strictest(kept: AgeBand, said: AgeBand | undefined): AgeBand {
  const order: readonly AgeBand[] = ["unknown", "adult", "unknown_young", "minor"]
  return said !== undefined && order.indexOf(said) > order.indexOf(kept) ? said : kept
}

function throttle(entry: Entry, now: number, { throttledPerMinute }: LadderOptions): void {
  if (now - entry.minuteAt >= 60_000 || now < entry.minuteAt) {
    entry.minuteAt = now
    entry.calls = 0
  }
  if (++entry.calls > throttledPerMinute) {
    throw new GuardRefusal("rate_limit_exceeded", "this account has reached its present limit of calls")
  }
}
