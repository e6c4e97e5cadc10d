/**
 * The private halves that open evidence: none, locked, or in memory until the process ends.
 * @module
 */

import { hasCode, IntegrityError } from "@nightlight/core"
import { exists } from "@nightlight/durable"
import { readKeyFile, recipientOf, unlockIdentity } from "@nightlight/vault"
import { createSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"

/** Whether evidence can be opened. */
export type KeyState = "no-key" | "locked" | "ready"

/** The custodian's private halves. */
export interface Keyring {
  readonly state: KeyState
  /**
   * Reads the private halves from their files.
   *
   * @param admit - Checks them first; if it throws, the keyring does not change.
   * @throws {RequestError} `passphrase_wrong`; `forbidden` (`tries-exceeded`) after five wrong ones in a quarter of an
   *   hour.
   * @throws {IntegrityError} `key_unusable` if a file is missing, damaged, or not of the configured recipient.
   */
  unlock(passphrase: string, admit: (identities: readonly string[]) => Promise<void>): Promise<void>
  /** Checks a passphrase without changing the state; throws as {@link unlock}. */
  assertPassphrase(passphrase: string): Promise<void>
  /**
   * The identities, `AGE-SECRET-KEY-1...`, present one first.
   *
   * @throws {RequestError} `state_conflict` (`locked`).
   */
  identities(): readonly string[]
}

const MAX_TRIES = 5
const TRIES_WINDOW_MS = 15 * 60_000

/** Files and recipient of a keyring. */
export interface KeyringOptions {
  readonly files: readonly string[]
  /** Public half of the first file's identity. */
  readonly recipient: string
  readonly monotonicMs: () => number
}

/** Looks for the files of private halves without opening them. */
export async function openKeyring({ files, recipient, monotonicMs }: KeyringOptions): Promise<Keyring> {
  const [first = ""] = files
  const hasKey = await exists(first)
  // One derivation at a time: each takes 256 MiB.
  const serial = createSerial()
  let wrongAt: number[] = []
  let opened: readonly string[] | undefined

  const read = (passphrase: string): Promise<readonly string[]> =>
    serial.run(async () => {
      if (!hasKey) throw refusal("locked", "there is no key yet: run nightlight custodian init")
      wrongAt = wrongAt.filter((at) => monotonicMs() - at < TRIES_WINDOW_MS)
      if (wrongAt.length >= MAX_TRIES) {
        throw refusal(
          "tries-exceeded",
          "too many wrong passphrases: wait a quarter of an hour, or restart the custodian",
        )
      }
      try {
        const identities: string[] = []
        for (const file of files) identities.push(await unlockIdentity(await readKeyFile(file, 0o077), passphrase))
        if ((await recipientOf(identities[0] ?? "")) !== recipient) {
          throw new IntegrityError("key_unusable", "the custodian's key is not the one that its configuration names")
        }
        return identities
      } catch (error) {
        if (hasCode(error, "passphrase_wrong")) wrongAt.push(monotonicMs())
        throw error
      }
    })

  return {
    get state() {
      if (!hasKey) return "no-key"
      return opened === undefined ? "locked" : "ready"
    },
    async unlock(passphrase, admit) {
      const identities = await read(passphrase)
      await admit(identities)
      opened = identities
    },
    async assertPassphrase(passphrase) {
      await read(passphrase)
    },
    identities() {
      if (opened === undefined) throw refusal("locked", "the custodian is locked")
      return opened
    },
  }
}
