/**
 * Viewings: a small, grey, blurred rendition for one person; the whole file for one with a second person's proof; and
 * what the viewer attests afterwards. Nothing is cached or written: only the viewer's key can read an answer.
 * @module
 */

import {
  type Attestation,
  type AttestationBody,
  type ProvenGrant,
  sealViewing,
  type ViewingAnswer,
} from "@nightlight/contract/custodian"
import { DAY_MS, SNIFF_BYTES, sniffMedia } from "@nightlight/core"
import type { Deriver } from "@nightlight/decoder"
import { contentDigest, type KeyedDigest } from "@nightlight/vault"
import type { z } from "zod"
import type { CustodianConfig } from "../config.ts"
import type { Grants } from "../grants/grants.ts"
import type { Journal } from "../journal/journal.ts"
import { createSerial, type Serial } from "../journal/serial.ts"
import type { Keyring } from "../keys/keyring.ts"
import type { Signatures } from "../people/signatures.ts"
import { refusal } from "../refusal.ts"
import { EvidenceError, type Opener } from "./opener.ts"
import type { ViewingBook } from "./viewing-book.ts"

/** Dependencies of {@link createViewings}. */
export interface ViewingsOptions {
  readonly config: Pick<CustodianConfig, "sizes">
  readonly journal: Journal
  readonly book: ViewingBook
  readonly grants: Grants
  readonly keyring: Keyring
  readonly opener: Opener
  readonly deriver: Deriver
  readonly signatures: Signatures
  readonly keyedDigest: KeyedDigest
  /** Limits the items in memory at once. */
  readonly lanes: Serial
}

/** Shows evidence to people. */
export interface Viewings {
  /** @throws {RequestError} as `refusal`. */
  view(proven: ProvenGrant): Promise<ViewingAnswer>
  /** @throws {RequestError} as `refusal`. */
  attest(body: z.infer<typeof AttestationBody>): Promise<void>
}

/** How long after a viewing its viewer may attest it. */
export const ATTEST_MS = DAY_MS

interface Shown {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly mediaType: string
  readonly width?: number
  readonly height?: number
}

/** Shows items and takes attestations by grants; two attestations of one viewing wait for each other. */
export function createViewings(options: ViewingsOptions): Viewings {
  const { config, journal, book, grants, keyring, opener, deriver, signatures, keyedDigest, lanes } = options
  // Two attestations of one viewing at once: the second must see the first.
  const serial = createSerial()

  async function show(grant: ViewingGrant, content: Uint8Array<ArrayBuffer>): Promise<Shown> {
    if (grant.purpose === "original") {
      const { mediaType } = sniffMedia(content.subarray(0, SNIFF_BYTES), content.length)
      return { bytes: content, mediaType }
    }
    const { sidePx, blurSigma } = config.sizes
    const made = await deriver.derive(content, { sidePx, blurSigma, greyscale: true })
    if (made.kind === "failure") {
      throw refusal("no-rendition", "there is no rendition of this item", { cause: made.cause })
    }
    return { bytes: Uint8Array.from(made.bytes), mediaType: "image/png", width: made.width, height: made.height }
  }

  async function answerTo(grant: ViewingGrant): Promise<ViewingAnswer> {
    const { originalBytes, decodedBytes } = config.sizes
    const most = grant.purpose === "original" ? originalBytes : decodedBytes
    const { header, content } = await opener.openWhole(grant.evidence, most)
    if (content === undefined) throw refusal("too-large", "this item is too large to be shown")
    if (!header.hasContent)
      throw refusal("no-rendition", "only the place of this item was recorded, not its content", { cause: "located" })
    const { bytes, ...shape } = await show(grant, content)
    const sealed = await sealViewing(bytes, grant.viewerKey, grant.grantId).catch(() => {
      throw refusal("malformed", "the viewer's key is not a point of P-256")
    })
    await journal.record("viewing.shown", grant.person, {
      grantId: grant.grantId,
      person: grant.person,
      ...grant.evidence,
      rendition: grant.purpose,
      content: contentDigest(keyedDigest, header.contentSha256),
      contentBytes: content.length,
    })
    return { ...sealed, ...shape }
  }

  return {
    async view(proven) {
      keyring.identities()
      const grant = await useViewing(proven)
      try {
        return await lanes.run(() => answerTo(grant))
      } catch (error) {
        const why = error instanceof EvidenceError ? error.fault : "refused"
        await journal.record("viewing.failed", grant.person, { grantId: grant.grantId, why })
        if (!(error instanceof EvidenceError)) throw error
        throw refusal("evidence-faulty", "the evidence does not open to what was granted", { fault: error.fault })
      }
    },
    attest: ({ attestation, signature }) =>
      serial.run(async () => {
        const shown = assertShown(attestation)
        const { person, at } = attestation
        const kind = "attestation"
        const signed = signatures.verify({ kind, document: attestation, person, signature, signedAfter: at })
        const content = contentDigest(keyedDigest, attestation.contentSha256)
        if (content !== shown.content) throw refusal("other-evidence", "this content differs from the shown one")
        const { grantId, exifViewed } = attestation
        const { evidenceId } = shown
        const { by, events } = signed
        const data = { grantId, person, evidenceId, content, exifViewed, by }
        await journal.recordAll([...events, { type: "attestation.made", actor: person, data }])
      }),
  }

  async function useViewing(proven: ProvenGrant): Promise<ViewingGrant> {
    await grants.use(proven, ["derivative", "original"])
    return proven.grant as ViewingGrant
  }

  function assertShown({ grantId, person, evidence, at }: z.infer<typeof Attestation>) {
    const shown = book.shown(grantId)
    if (shown === undefined) throw refusal("unknown", "no original was shown on this grant", { grantId })
    if (book.hasAttestation(grantId)) throw refusal("attested-already", "this viewing was attested before", { grantId })
    const isSame =
      shown.person === person &&
      shown.evidenceId === evidence.evidenceId &&
      shown.ciphertextSha256 === evidence.ciphertextSha256
    if (!isSame) throw refusal("other-evidence", "this was not shown to this person", { grantId })
    const nowMs = journal.clock.now().getTime()
    const isTimely = nowMs - Date.parse(shown.at) <= ATTEST_MS && Math.abs(nowMs - Date.parse(at)) <= ATTEST_MS
    if (!isTimely) throw refusal("expired", "a viewing must be attested within a day", { grantId })
    return shown
  }
}

type ViewingGrant = Extract<ProvenGrant["grant"], { purpose: "derivative" | "original" }>
