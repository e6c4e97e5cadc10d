/**
 * Signatures under approvals: each person signs with the key that the custodian enrolled. The server trusts the
 * custodian's list of keys, not its own database.
 * @module
 */

import {
  ApprovalProof,
  type ApprovalStep,
  type ApprovalTerms,
  approvalStatement,
  type ProvenGrant,
} from "@nightlight/contract/custodian"
import { compact, RequestError } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import { z } from "zod"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { findPersonKeys, keyThatSigned } from "./person-keys.ts"
import type { EnrolledKey } from "./signature.ts"
import type { Approval } from "./types.ts"

/** A signature as it is kept with its approval. */
export const StoredProof = z.strictObject({ ...ApprovalProof.shape, keyId: z.string() })
export type StoredProof = z.infer<typeof StoredProof>

/** Who must sign: everybody, or only people with a key that the custodian knows. */
export type SigningRule = "required" | "when-enrolled"

/** Checks signatures under approvals. */
export interface ApprovalSigning {
  /** Refuses a request by somebody who could not sign it. @throws {RequestError} `state_conflict`. */
  assertCanSign(person: string, needsGrant: boolean): Promise<void>
  /**
   * Checks a signature, or that none is needed.
   *
   * @returns What to store, and the key; `undefined` where nobody signed and nobody had to.
   * @throws {RequestError} `state_conflict` if a signature or an enrolled key is missing; `input_invalid` if it is not
   *   this person's over this approval, or was made at another time.
   */
  check(
    approval: Approval,
    step: ApprovalStep,
    signer: { readonly person: string; readonly proof: ApprovalProof | undefined; readonly now?: Date },
  ): Promise<{ readonly proof: StoredProof; readonly key: EnrolledKey } | undefined>
}

/** How far a signature's time may be from the server's. */
const SKEW_MS = 10 * 60_000

/** Creates the check of signatures, which asks the custodian for a person's keys at each call. */
export function createApprovalSigning({
  custodian,
  rule,
}: {
  readonly custodian: Pick<CustodianClient, "enrolments" | "state">
  readonly rule: SigningRule
}): ApprovalSigning {
  const find = (person: string) => findPersonKeys(custodian, person)
  const must = (hasGrant: boolean) => rule === "required" || hasGrant

  return {
    assertCanSign: async (person, needsGrant) => {
      if (must(needsGrant) && (await find(person)) === undefined) throw noKey()
    },
    check: async (approval, step, { person, proof, now }) => {
      const keys = await find(person)
      if (keys === undefined) {
        if (must(approval.grant !== undefined)) throw noKey()
        return undefined
      }
      if (proof === undefined) {
        throw new RequestError(
          "state_conflict",
          step === "request"
            ? "the person who requested this has not signed it"
            : "approving this needs your signature",
          { details: { approvalId: approval.id }, hint: "Sign it with the key that the custodian knows." },
        )
      }
      if (proof.proof.person !== person) throw new RequestError("input_invalid", "the signature names another person")
      if (now !== undefined && Math.abs(now.getTime() - Date.parse(proof.at)) > SKEW_MS) {
        throw new RequestError("input_invalid", "the signature was made at another time", {
          hint: "Check this computer's clock.",
        })
      }
      const document = approvalStatement(toTerms(approval), { step, person, at: proof.at })
      const signedWith = keyThatSigned({ kind: "approval", document, signature: proof.proof.signature }, keys)
      if (signedWith === undefined) {
        throw new RequestError("input_invalid", "this person did not sign this approval with an enrolled key", {
          details: { approvalId: approval.id },
        })
      }
      return { proof: { at: proof.at, proof: proof.proof, keyId: signedWith.keyId }, key: signedWith }
    },
  }
}

function noKey(): RequestError {
  return new RequestError("state_conflict", "approvals must be signed, and the custodian knows no key of this person", {
    hint: "nightlight custodian enrol PERSON --role approver prints the code with which they enrol their key.",
  })
}

/** Returns the terms that people sign: digests stand for payload and grant. */
export function toTerms({ id, kind, subject, payload, grant }: Approval): ApprovalTerms {
  return compact({
    approvalId: id,
    kind,
    subject,
    payloadSha256: canonicalDigest(payload),
    grantSha256: grant === undefined ? undefined : canonicalDigest(grant),
  })
}

/** The grant of an approval with both signatures, in the form that the custodian accepts. */
export function toProvenGrant(
  approval: Approval,
  request: StoredProof,
  approved: StoredProof,
): ProvenGrant | undefined {
  const { grant, payload } = approval
  if (grant === undefined) return undefined
  return {
    grant,
    proofs: [request.proof, approved.proof],
    approval: { payloadSha256: canonicalDigest(payload), requestedAt: request.at, approvedAt: approved.at },
  }
}
