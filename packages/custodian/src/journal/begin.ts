/**
 * The first events of a custodian's journal: which configuration whoever made it accepted, and whom evidence is sealed to. No journal is empty from then on
 * but one that was taken away.
 * @module
 */
import type { Clock, JsonValue } from "@nightlight/core"
import { openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { configDigest } from "../config-digest.ts"
import { deriveStateKeys } from "../keys/state-key.ts"
import type { CustodianLayout } from "../layout.ts"
import { RECIPIENTS_ACCEPTED } from "../rewraps/rewrap-book.ts"
import { openJournal } from "./journal.ts"

/** What a journal begins with. */
export interface BeginOptions {
  /** `AGE-SECRET-KEY-1...`: authenticates the event. */
  readonly identity: string
  /** The configuration as its file will say it. */
  readonly writtenConfig: JsonValue
  /** Whom evidence may be rewrapped for, `age1...`; whoever makes the custodian is asked later unless given. */
  readonly recipients: readonly string[] | undefined
  readonly clock: Clock
}

/**
 * Accepts a configuration in the journal of a custodian that is being made, and does not run.
 *
 * @throws {IntegrityError} `audit_chain_broken` if a journal lies there that is not this identity's.
 */
export async function beginJournal(
  { journal: dir, journalKey }: Pick<CustodianLayout, "journal" | "journalKey">,
  { identity, writtenConfig, recipients, clock }: BeginOptions,
): Promise<void> {
  await using journal = await openJournal(dir, {
    signer: await openSigner(journalKey),
    verifier: await openVerifier(publicKeyPath(journalKey)),
    time: { clock, monotonicMs: () => performance.now() },
    copy: null,
    books: [],
  })
  journal.seal.open(deriveStateKeys([identity]))
  await journal.record("config.accepted", "host", { configSha256: configDigest(writtenConfig) })
  if (recipients !== undefined) await journal.record(RECIPIENTS_ACCEPTED, "host", { recipients: [...recipients] })
}
