/**
 * Checks whether a grant permits the requested action, against the custodian's own enrolment and clock, and nothing
 * that a server or a database says.
 * @module
 */

import {
  type ApprovalStep,
  type AutomaticFilingGrant,
  approvalStatement,
  type CustodianRole,
  type DestroyGrant,
  type DiscloseGrant,
  type Grant,
  type GrantProof,
  type ProvenGrant,
} from "@nightlight/contract/custodian"
import { DAY_MS } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import { assertDistinctKeys } from "../people/distinct-keys.ts"
import type { EnrolledPerson } from "../people/enrolment-file.ts"
import type { Signatures, SignedDocument, VerifiedSignature } from "../people/signatures.ts"
import { refusal } from "../refusal.ts"

/** Purpose of a grant. */
export type Purpose = Grant["purpose"]

/** Requirements of grants. */
export interface GrantRules {
  /** A person who is enrolled and not revoked. */
  readonly findPerson: (person: string) => EnrolledPerson | undefined
  readonly signatures: Signatures
  readonly now: Date
  /** Whether one person may prepare and approve a report. */
  readonly singlePersonFiling: boolean
  /** Refuses a grant without a live filing authorisation. */
  readonly assertAuthorised: (grant: AutomaticFilingGrant) => void
}

/** Longest validity, by purpose. */
export const VALID_MS: Readonly<Record<Purpose, number>> = {
  derivative: 10 * 60_000,
  original: 10 * 60_000,
  filing: DAY_MS,
  "automatic-filing": DAY_MS,
  // Seven days to find the second person, and seven for a custodian that was locked.
  destroy: 14 * DAY_MS,
  disclose: 14 * DAY_MS,
}

/** How far another machine's clock may be ahead. */
const SKEW_MS = 2 * 60_000

const REVIEWERS: readonly CustodianRole[] = ["reviewer", "senior-reviewer"]
const APPROVERS: readonly CustodianRole[] = ["reporter", "counsel"]
const KEEPERS: readonly CustodianRole[] = ["counsel", "custodian"]

/** Kinds of the approvals by which two people give a grant. */
const APPROVAL_KINDS = { destroy: "evidence.destroy", disclose: "evidence.export" } as const

/**
 * Checks proofs, people, roles and times.
 *
 * @returns What each proof was signed with, in the order of the proofs.
 * @throws {RequestError} as `refusal`.
 */
export function verifyGrant(proven: ProvenGrant, rules: GrantRules): readonly VerifiedSignature[] {
  const { grant, proofs } = proven
  assertPeople(grant, proofs, rules)
  assertDistinctKeys(proofs.map(({ person }) => enrolled(person, rules)))
  const verified = proofs.map(({ person, signature }) =>
    rules.signatures.verify({ ...signedBy(person, proven), person, signature, signedAfter: grant.issuedAt }),
  )
  assertTime(grant, rules.now)
  return verified
}

/** The document that a person signed: the grant itself, or the statement of the approval that gives it. */
function signedBy(person: string, { grant, approval }: ProvenGrant): Pick<SignedDocument, "kind" | "document"> {
  const { purpose } = grant
  // Nobody signs an automatic filing.
  if (purpose === "automatic-filing") return { kind: "filing", document: grant }
  if (purpose !== "destroy" && purpose !== "disclose") return { kind: purpose, document: grant }
  if (approval === undefined) throw refusal("malformed", "this grant needs an approval that two people sign")
  const step: ApprovalStep = person === grant.requestedBy ? "request" : "approve"
  const document = approvalStatement(
    {
      approvalId: grant.grantId,
      kind: APPROVAL_KINDS[purpose],
      subject: grant.caseId,
      payloadSha256: approval.payloadSha256,
      grantSha256: digestOfGrant(grant),
    },
    { step, person, at: step === "request" ? approval.requestedAt : approval.approvedAt },
  )
  return { kind: "approval", document }
}

/** SHA-256, hexadecimal, of a grant's canonical JSON. */
export function digestOfGrant(grant: Grant): string {
  return canonicalDigest(grant)
}

/** Checks that a grant is for the requested action. */
export function assertPurpose(grant: Grant, ...purposes: readonly Purpose[]): void {
  if (!purposes.includes(grant.purpose)) {
    throw refusal("other-purpose", "the grant is for another action", { grantId: grant.grantId })
  }
}

function assertPeople(grant: Grant, proofs: readonly GrantProof[], rules: GrantRules): void {
  switch (grant.purpose) {
    case "derivative":
      assertProvenBy(proofs, [grant.person])
      assertRole(grant.person, REVIEWERS, rules)
      break
    case "original":
      assertOriginal(grant.person, proofs, rules)
      break
    case "filing":
      assertFiling(grant, proofs, rules)
      break
    case "destroy":
    case "disclose":
      assertKeepers(grant, proofs, rules)
      break
    case "automatic-filing":
      assertProvenBy(proofs, [])
      rules.assertAuthorised(grant)
      break
    default:
      grant satisfies never
  }
}

function assertOriginal(viewer: string, proofs: readonly GrantProof[], rules: GrantRules): void {
  const second = otherThan(viewer, proofs)
  if (second === undefined) throw refusal("proofs-missing", "an original needs the viewer and a second person")
  assertProvenBy(proofs, [viewer, second])
  for (const person of [viewer, second]) assertRole(person, REVIEWERS, rules)
  if (![viewer, second].some((person) => enrolled(person, rules).roles.includes("senior-reviewer"))) {
    throw refusal("role-missing", "an original needs a senior reviewer among the two")
  }
}

function assertFiling(
  { preparedBy, singlePerson }: Extract<Grant, { purpose: "filing" }>,
  proofs: readonly GrantProof[],
  rules: GrantRules,
): void {
  const approver = otherThan(preparedBy, proofs)
  if (singlePerson !== (approver === undefined)) {
    throw refusal("one-person", "a report must be approved by another person, or say that it is a single-person filing")
  }
  if (singlePerson && !rules.singlePersonFiling) {
    throw refusal("one-person", "this custodian does not allow single-person filings")
  }
  assertProvenBy(proofs, approver === undefined ? [preparedBy] : [preparedBy, approver])
  assertRole(preparedBy, ["reporter"], rules)
  if (approver !== undefined) assertRole(approver, APPROVERS, rules)
}

function assertKeepers(grant: DestroyGrant | DiscloseGrant, proofs: readonly GrantProof[], rules: GrantRules): void {
  const second = otherThan(grant.requestedBy, proofs)
  if (second === undefined) throw refusal("proofs-missing", "this needs the requester and a second person")
  assertProvenBy(proofs, [grant.requestedBy, second])
  for (const person of [grant.requestedBy, second]) assertRole(person, KEEPERS, rules)
  if (grant.purpose === "destroy" && (grant.request === undefined) !== (grant.basis === "expired")) {
    throw refusal("malformed", "a destruction must name its request or order, unless the year is over")
  }
}

/** The person of the proof that is not by this person. */
function otherThan(person: string, proofs: readonly GrantProof[]): string | undefined {
  return proofs.find((proof) => proof.person !== person)?.person
}

function assertProvenBy(proofs: readonly GrantProof[], people: readonly string[]): void {
  const given = proofs.map(({ person }) => person)
  if (given.length !== people.length || people.some((person) => !given.includes(person))) {
    throw refusal("proofs-missing", "the proofs are not by the people that the grant names")
  }
}

function assertRole(person: string, roles: readonly CustodianRole[], rules: GrantRules): void {
  if (!enrolled(person, rules).roles.some((role) => roles.includes(role))) {
    throw refusal("role-missing", "one of the people lacks the role for this", { person })
  }
}

function enrolled(person: string, { findPerson }: GrantRules): EnrolledPerson {
  const found = findPerson(person)
  if (found === undefined) throw refusal("not-enrolled", "the custodian does not know this person", { person })
  return found
}

function assertTime({ purpose, issuedAt, expiresAt }: Grant, now: Date): void {
  const from = Date.parse(issuedAt)
  const to = Date.parse(expiresAt)
  if (to - from > VALID_MS[purpose] || to < from) {
    throw refusal("valid-too-long", "the grant is valid for too long")
  }
  if (now.getTime() < from - SKEW_MS) throw refusal("not-yet-valid", "the grant is dated in the future")
  if (now.getTime() >= to) throw refusal("expired", "the grant has expired")
}
