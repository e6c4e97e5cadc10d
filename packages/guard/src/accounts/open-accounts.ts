/**
 * Account records over a guard's life: read at its start, written every minute and at its end.
 * @module
 */
import { type Clock, hasCode } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault/seal"
import { createAccounts, type OwnedAccounts } from "./accounts.ts"
import type { GuardKey } from "./guard-key.ts"
import { readSnapshot, writeSnapshot } from "./snapshot.ts"

/** Where accounts are kept across a restart, and the key of their digests. */
export interface AccountsPlace {
  /** Absolute path of the file, 0600. */
  readonly path: string
  /** The workspace's keyed digest, under which records are kept. */
  readonly keyed: KeyedDigest
}

/** The keys that may call, the clock, and the listener for alarms. */
export interface OpenAccountsDeps {
  /** Keys that may call now; a key with a header secret may name end users. */
  readonly keys: () => readonly GuardKey[]
  readonly clock: Clock
  readonly onAlarm: (code: string) => void
}

const SAVE_MS = 60_000

/** Accounts, with the method that closes them. */
export interface OpenAccounts extends OwnedAccounts {
  close(): Promise<void>
}

/** Opens the accounts. A file that is not what this guard wrote raises an alarm, and the accounts begin empty. */
export async function openAccounts(
  { path, keyed }: AccountsPlace,
  { keys, clock, onAlarm }: OpenAccountsDeps,
): Promise<OpenAccounts> {
  const digestKey = Buffer.from(keyed.of("guard-accounts", "digests"), "hex")
  const macKey = Buffer.from(keyed.of("guard-accounts", "snapshot"), "hex")
  const accounts = createAccounts({
    digestKey,
    clock,
    keyOf: (caller) => {
      const secret = keys().find(({ id }) => id === caller)?.headerSecret
      return secret === undefined ? undefined : { kind: "hmac", secret }
    },
    onEscalation: ({ to }) => onAlarm(`account_${to}`),
  })
  const kept = await readSnapshot(path, macKey)
  if (kept === "damaged") onAlarm("accounts_damaged")
  else if (kept !== "missing") accounts.restore(kept)
  let saving = Promise.resolve()
  const save = (): Promise<void> => {
    // Writes run one after another: of two at once, the older state might be written last.
    saving = saving
      .then(() => writeSnapshot(path, accounts.state(), macKey))
      .catch((error: unknown) => {
        onAlarm(hasCode(error, "disk_full") ? "disk_full" : "accounts_not_saved")
      })
    return saving
  }
  const timer = setInterval(() => void save(), SAVE_MS)
  timer.unref()
  return {
    ...accounts,
    close: async () => {
      clearInterval(timer)
      await save()
    },
  }
}
