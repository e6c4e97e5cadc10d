/**
 * Disclosures: the custodian checks that two people permit one, records it in its journal, and signs the receipt
 * without which the server discloses nothing.
 * @module
 */
import { DISCLOSURE_RECEIPT_FORMAT, type DisclosureReceipt, type ProvenGrant } from "@nightlight/contract/custodian"
import type { Signer } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Grants } from "../grants/grants.ts"
import { digestOfGrant } from "../grants/verify.ts"
import type { Book, Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import type { Keyring } from "../keys/keyring.ts"
import { refusal } from "../refusal.ts"

/** A disclosure that two people permitted. */
interface Disclosure extends Omit<DisclosureReceipt, "format" | "keyId" | "signature" | "people"> {
  readonly provenBy: readonly string[]
}

/** Follows the used grants of disclosure. */
export class DisclosureBook implements Book {
  readonly #disclosures = new Map<string, Disclosure>()

  apply({ type, at, data }: AuditEvent): void {
    if (type !== "grant.used" || data["purpose"] !== "disclose") return
    const disclosure = { ...(data as unknown as Omit<Disclosure, "at">), at }
    this.#disclosures.set(disclosure.grantId, disclosure)
  }

  find(grantId: string): Disclosure | undefined {
    return this.#disclosures.get(grantId)
  }
}

/** Options of disclosures. */
export interface DisclosuresOptions {
  readonly journal: Journal
  readonly book: DisclosureBook
  readonly grants: Grants
  readonly keyring: Keyring
  readonly signer: Signer
}

/** Permits disclosures. */
export interface Disclosures {
  /** Uses up the grant; the same one again returns the same receipt. @throws {RequestError} as `refusal`. */
  disclose(proven: ProvenGrant): Promise<DisclosureReceipt>
}

/** Discloses by grants that two people proved; calls wait for each other, so that one grant is used once. */
export function createDisclosures({ journal, book, grants, keyring, signer }: DisclosuresOptions): Disclosures {
  const serial = createSerial()
  return {
    disclose: (proven) =>
      serial.run(async () => {
        const { grant } = proven
        if (grant.purpose !== "disclose") {
          throw refusal("other-purpose", "the grant is for another action", { grantId: grant.grantId })
        }
        const known = book.find(grant.grantId)
        if (known !== undefined && known.grantSha256 !== digestOfGrant(grant)) {
          throw refusal("replayed", "another grant with this id was used before", { grantId: grant.grantId })
        }
        if (known === undefined) {
          keyring.identities()
          const pieces = grant.evidence.map((piece) => ({
            type: "disclosure.piece",
            actor: "server",
            data: { grantId: grant.grantId, ...piece },
          }))
          await grants.use(proven, ["disclose"], pieces)
          await journal.record("disclosure.receipted", "custodian", { grantId: grant.grantId })
        }
        const used = book.find(grant.grantId)
        if (used === undefined) throw refusal("unknown", "there is no such grant", { grantId: grant.grantId })
        return toReceipt(used, signer)
      }),
  }
}

function toReceipt(used: Disclosure, signer: Signer): DisclosureReceipt {
  const { grantId, grantSha256, caseId, requestId, kind, handover, provenBy, at } = used
  return signDocument(
    {
      format: DISCLOSURE_RECEIPT_FORMAT,
      grantId,
      grantSha256,
      caseId,
      requestId,
      kind,
      handover,
      at,
      people: [...provenBy],
    },
    signer,
  )
}
