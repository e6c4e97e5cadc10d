/**
 * Checks whether a person signed a document, by passkey or by kept key, against the custodian's own enrolments and
 * configuration.
 * @module
 */
import { createHash } from "node:crypto"
import { readPasskeySignature, type SignedBy, type SignedKind, signedBy } from "@nightlight/contract/custodian"
import { canonicalJson, compact, type JsonValue } from "@nightlight/core"
import type { AuditInput } from "@nightlight/vault/audit"
import { checkAssertion, keyIdOfPoint, type RelyingParty } from "@nightlight/vault/webauthn"
import { refusal } from "../refusal.ts"
import type { EnrolledPerson } from "./enrolment-file.ts"
import type { People } from "./enrolments.ts"
import { isSignedBy } from "./p256.ts"
import type { PasskeyBook } from "./passkey-book.ts"

/** A document with one person's signature. */
export interface SignedDocument {
  readonly kind: SignedKind
  readonly document: JsonValue & { readonly [key: string]: JsonValue }
  readonly person: string
  readonly signature: string
  /** Earliest time at which it can have been signed, ISO 8601, by the document itself. */
  readonly signedAfter: string
}

/** A signature that was verified. */
export interface VerifiedSignature {
  readonly person: string
  readonly by: SignedBy
  /** For a passkey: events to record before the action. */
  readonly events: readonly AuditInput[]
}

/** Verifies signatures. */
export interface Signatures {
  /**
   * @throws {RequestError} as `refusal`: `not-enrolled`, `signature-wrong` with the passkey's `fault`, `passkey-needed`,
   *   `counter-went-back`.
   */
  verify(signed: SignedDocument): VerifiedSignature
}

/** Dependencies of {@link createSignatures}. */
export interface SignaturesOptions {
  readonly party: RelyingParty
  /** Kinds that a kept key must not sign. */
  readonly require: readonly SignedKind[]
  readonly people: Pick<People, "find">
  readonly book: PasskeyBook
}

/** How far the clock of a document's author may be ahead. */
const SKEW_MS = 2 * 60_000

/**
 * Documents that a person with a passkey may still sign with the kept key: those of a small, grey, blurred rendition,
 * of which a shift views hundreds.
 */
const LIGHT: readonly SignedKind[] = ["derivative"]

/** Verifies signatures of people by the keys and passkeys that they enrolled. */
export function createSignatures({ party, require, people, book }: SignaturesOptions): Signatures {
  function verifyPasskey(signed: SignedDocument, { passkey }: EnrolledPerson): VerifiedSignature {
    const { person, document, signature } = signed
    const assertion = readPasskeySignature(signature)
    if (passkey === undefined || assertion?.credentialId !== passkey.credentialId) {
      throw wrong(person, "other-passkey")
    }
    const bytes = canonicalJson(document)
    const checked = checkAssertion(
      {
        authenticatorData: Buffer.from(assertion.authenticatorData, "base64url"),
        clientData: Buffer.from(assertion.clientData, "base64url"),
        signature: Buffer.from(assertion.signature, "base64url"),
      },
      { party, challenge: createHash("sha256").update(bytes).digest(), publicKey: passkey.publicKey },
    )
    if ("fault" in checked) throw wrong(person, checked.fault)
    const use = {
      keyId: keyIdOfPoint(passkey.publicKey),
      counter: checked.counter,
      documentSha256: createHash("sha256").update(bytes).digest("hex"),
    }
    if (book.contradicts(use, Date.parse(signed.signedAfter) - SKEW_MS)) {
      throw refusal("counter-went-back", "the passkey's counter went back: there may be a copy of it", { person })
    }
    return { person, by: "passkey", events: [{ type: "passkey.used", actor: person, data: { person, ...use } }] }
  }

  return {
    verify(signed) {
      const { kind, document, person, signature } = signed
      const enrolled = people.find(person)
      if (enrolled === undefined) throw refusal("not-enrolled", "the custodian does not know this person", { person })
      if (signedBy(signature) === "passkey") return verifyPasskey(signed, enrolled)
      const isRequired = require.includes(kind) || (enrolled.passkey !== undefined && !LIGHT.includes(kind))
      if (isRequired) throw refusal("passkey-needed", "this must be signed with a passkey", { person, kind })
      if (!isSignedBy(document, signature, enrolled.publicKey)) throw wrong(person)
      return { person, by: "kept-key", events: [] }
    },
  }
}

function wrong(person: string, fault?: string) {
  return refusal(
    "signature-wrong",
    "the signature is not by this person over this document",
    compact({
      person,
      fault,
    }),
  )
}
