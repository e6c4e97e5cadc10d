/**
 * The first events of a custodian's journal: the accepted configuration, and the recipients of evidence. From then on,
 * an empty journal is one that was deleted.
 * @module
 */

import type { Clock, JsonValue } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import { openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { deriveStateKeys } from "../keys/state-key.ts"
import type { CustodianLayout } from "../layout.ts"
import { RECIPIENTS_ACCEPTED } from "../rewraps/rewrap-book.ts"
import { openJournal } from "./journal.ts"

/** First content of a journal. */
export interface BeginOptions {
  /** `AGE-SECRET-KEY-1...`: authenticates the event. */
  readonly identity: string
  /** The configuration as its file will contain it. */
  readonly writtenConfig: JsonValue
  /** Recipients for whom evidence may be rewrapped, `age1...`; without them, the operator is asked later. */
  readonly recipients: readonly string[] | undefined
  readonly clock: Clock
}

/**
 * Accepts a configuration in the journal of a custodian that is being made, and is not running.
 *
 * @throws {IntegrityError} `audit_chain_broken` if there is a journal of another identity.
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
  await journal.record("config.accepted", "host", { configSha256: canonicalDigest(writtenConfig) })
  if (recipients !== undefined) await journal.record(RECIPIENTS_ACCEPTED, "host", { recipients: [...recipients] })
}
