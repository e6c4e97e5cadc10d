/**
 * New headers for evidence, after the manifest of recipients has changed. The custodian opens the old header and makes
 * the new one; the holder of the evidence puts it before the payload. No content is opened.
 *
 * The passphrase decides who may open evidence from then on, not the manifest alone, since the key that signs the
 * manifest is where the server runs. The journal holds the accepted recipients, and others must be confirmed.
 * @module
 */

import { lstat } from "node:fs/promises"
import type { RewrapAllowed, RewrapAnswer } from "@nightlight/contract/custodian"
import { DAY_MS, IntegrityError } from "@nightlight/core"
import {
  activeRecipients,
  describeRecipientChange,
  type Manifest,
  measureRewrap,
  openVerifier,
  readManifest,
  recipientsDigest,
  sealedPath,
} from "@nightlight/vault"
import type { CustodianConfig } from "../config.ts"
import { type Journal, SELF } from "../journal/journal.ts"
import type { Serial } from "../journal/serial.ts"
import type { Keyring } from "../keys/keyring.ts"
import { refusal } from "../refusal.ts"
import type { EvidenceError } from "../viewings/opener.ts"
import { resealOwnFiles } from "./own-files.ts"
import { ALLOWED, HEADER_MADE, RECIPIENTS_ACCEPTED, type RewrapBook } from "./rewrap-book.ts"

/** Headers are made for this long after the passphrase was entered. */
const ALLOWED_MS = DAY_MS

/** Makes new headers. */
export interface Rewraps {
  /**
   * Permits headers for the recipients that the manifest names now, for a day or until the custodian ends; files sealed
   * only to the custodian's own key get its present one. The caller has checked the passphrase.
   *
   * @param expected - The recipients that the operator saw: `age1...`, of this very manifest.
   * @param accept - Digest of a set of recipients that the operator accepts from now on.
   * @throws {RequestError} `state_conflict` (`locked`, `manifest-differs`; `recipients-not-accepted`, with the digest
   *   in `details.accept`, if they differ from the last accepted ones).
   */
  allow(expected: readonly string[], accept?: string): Promise<RewrapAllowed>
  /**
   * Makes the header of one piece; recorded in the journal with both digests before it is returned.
   *
   * @throws {RequestError} `forbidden` (`rewrap-not-allowed`), `state_conflict` (`locked`, `evidence-faulty`).
   */
  header(evidenceId: string): Promise<RewrapAnswer>
}

/** Dependencies of {@link createRewraps}. */
export interface RewrapDeps {
  readonly config: CustodianConfig
  readonly root: string
  readonly receipts: string
  readonly journal: Journal
  readonly book: RewrapBook
  readonly keyring: Keyring
  readonly lanes: Serial
  readonly monotonicMs: () => number
}

/** Rewraps evidence for a set of recipients that was accepted, for as long as that was allowed. */
export function createRewraps(deps: RewrapDeps): Rewraps {
  const { config, journal, book, keyring, lanes, monotonicMs } = deps
  let allowed:
    | { readonly recipients: readonly string[]; readonly version: number; readonly untilMs: number }
    | undefined

  return {
    async allow(expected, accept) {
      const identities = keyring.identities()
      const manifest = await readOwnManifest(config, book.version)
      const active = activeRecipients(manifest)
      const recipients = active.map((entry) => entry.recipient)
      if (recipients.join(" ") !== expected.join(" ")) {
        throw refusal("manifest-differs", "the manifest that the custodian reads names other keys than were shown")
      }
      if (!recipients.includes(config.recipient)) {
        throw refusal(
          "manifest-differs",
          "the custodian's own key is not among those that evidence is sealed to: after a rotation restart it, and unlock it with --accept-config",
        )
      }
      const change = describeRecipientChange(active, book.accepted)
      if (change !== undefined) {
        const digest = recipientsDigest(recipients)
        if (accept !== digest) throw refusal("recipients-not-accepted", change, { accept: digest })
        await journal.record(RECIPIENTS_ACCEPTED, "host", { recipients })
      }
      await journal.record(ALLOWED, "host", {
        manifestVersion: manifest.version,
        recipients: active.map((entry) => entry.id),
      })
      const ownFiles = await resealOwnFiles(deps, identities)
      if (ownFiles > 0) await journal.record("rewrap.own-files", SELF, { files: ownFiles })
      allowed = { recipients, version: manifest.version, untilMs: monotonicMs() + ALLOWED_MS }
      return { manifestVersion: manifest.version, recipients: active.map((entry) => entry.id), ownFiles }
    },
    header: (evidenceId) =>
      lanes.run(async () => {
        const terms = allowed
        if (terms === undefined || monotonicMs() > terms.untilMs) {
          throw refusal("rewrap-not-allowed", "nobody has permitted headers with the passphrase")
        }
        const identities = keyring.identities()
        const found = await lstat(sealedPath(config.evidence, evidenceId)).catch(() => undefined)
        if (found?.isFile() !== true) throw faulty("missing", evidenceId)
        const { recipients } = terms
        const made = await measureRewrap(config.evidence, evidenceId, { identities, recipients }).catch(
          (error: unknown) => {
            if (!(error instanceof IntegrityError)) throw error
            throw faulty(error.code === "key_unusable" ? "wrong-recipient" : "unreadable", evidenceId)
          },
        )
        const { before, after } = made
        await journal.record(HEADER_MADE, "server", { evidenceId, before, after, manifestVersion: terms.version })
        return { header: Buffer.from(made.header).toString("base64"), before, after }
      }),
  }
}

function faulty(fault: EvidenceError["fault"], evidenceId: string) {
  return refusal("evidence-faulty", "the evidence does not open", { fault, evidenceId })
}

async function readOwnManifest({ recipients }: CustodianConfig, floor: number): Promise<Manifest> {
  if (recipients === null) {
    throw refusal("manifest-differs", "custodian.yaml names no manifest of recipients")
  }
  return readManifest(recipients.manifest, await openVerifier(recipients.key), Math.max(1, floor))
}
