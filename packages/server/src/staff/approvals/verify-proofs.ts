/**
 * Checks the signatures under every decided approval against the log: who requested it, who approved it, for what, and
 * with which keys. The log is trusted; the table is what is checked.
 * @module
 */

import { approvalStatement } from "@nightlight/contract/custodian"
import { canonicalJson, DependencyError, hasCode, type JsonValue } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import type { AuditEvent } from "@nightlight/vault/audit"
import { keyIdOfPoint, type RelyingParty } from "@nightlight/vault/webauthn"
import type { Kysely } from "kysely"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents, textOf } from "../../platform/events/read.ts"
import { isSignatureOf } from "./signature.ts"
import { type SigningRule, StoredProof, toTerms } from "./signing.ts"
import { listDecided } from "./store.ts"
import type { Approval } from "./types.ts"

/** A problem of an approval. */
export type ApprovalProblem =
  /** The table says that it was done; the log does not. */
  | "not-in-log"
  /** The log says that it was done; the table has no such approval, or not as done. */
  | "not-in-table"
  /** Kind, subject, payload, grant or people are not those of the log. */
  | "approval-differs"
  /** The table lacks a signature that the log names, holds a different one, or holds one that the log does not know. */
  | "signature-differs"
  /** A person who had enrolled a key by then did not sign, or an approval with a grant is not signed. */
  | "signature-missing"
  /** Both people signed with the same key, whatever names it was enrolled under. */
  | "same-key"
  /** The log never recorded the public key of this key id, or the custodian never enrolled it for this person. */
  | "key-unknown"
  /** The signature is not that key's over this approval. */
  | "signature-wrong"

/** Result of the check. */
export interface ApprovalsChecked {
  /** Number of approvals that the log says were done. */
  readonly decided: number
  /** Ids of those that one or both people did not sign. */
  readonly unsigned: readonly string[]
  /** Approvals that differ from the log, in the log's order, then those that the log does not know. */
  readonly faults: readonly { readonly approvalId: string; readonly problem: ApprovalProblem }[]
}

interface Logged {
  readonly requested: AuditEvent | undefined
  /** Digest and key of the requester's last signature. */
  readonly requestProof: LoggedProof | undefined
  readonly approved: AuditEvent
  /** Which of the two people had enrolled a key by then. */
  readonly withKey: ReadonlySet<string>
}

interface LoggedProof {
  readonly keyId: string
  readonly proofSha256: string
}

const TYPES = [
  "approval.requested",
  "approval.signed",
  "approval.approved",
  "approval-key.pinned",
  "person.custody-key-enrolled",
] as const

/** Facts of the custodian against which approvals are checked. */
export interface ApprovalWitness {
  /** Relying party of this installation's passkeys. */
  readonly party: RelyingParty
  /** Every key ever enrolled, by the custodian's own journal: a server could pin any key it likes. */
  readonly enrolled: readonly { readonly person: string; readonly keyId: string }[]
}

/**
 * Reads it from the custodian.
 * @throws {DependencyError} `unavailable`.
 */
export async function approvalWitness(
  custodian: Pick<CustodianClient, "state" | "enrolledKeys">,
): Promise<ApprovalWitness> {
  const [{ passkeys }, { keys }] = await Promise.all([custodian.state(), custodian.enrolledKeys()])
  return { party: passkeys, enrolled: keys }
}

/**
 * As {@link approvalWitness}, but `undefined` if the custodian does not answer, so that the rest can still be verified.
 */
export async function approvalWitnessIfAny(
  custodian: Parameters<typeof approvalWitness>[0],
): Promise<ApprovalWitness | undefined> {
  try {
    return await approvalWitness(custodian)
  } catch (error) {
    if (error instanceof DependencyError || hasCode(error, "state_conflict")) return undefined
    throw error
  }
}

/**
 * Verifies approvals against a log that was verified before.
 * @param rule - Who must sign: under `required`, a missing signature of a person with a key is a fault.
 */
export async function verifyApprovals(
  db: Kysely<Tables>,
  { party, enrolled }: ApprovalWitness,
  rule: SigningRule = "when-enrolled",
): Promise<ApprovalsChecked> {
  const { logged, keys } = readLogged(await readEvents(db, { types: TYPES }))
  const known = new Set(enrolled.map(({ person, keyId }) => `${person} ${keyId}`))
  for (const name of keys.keys()) if (!known.has(name)) keys.delete(name)
  const approvals = new Map((await listDecided(db)).map((approval) => [approval.id, approval]))
  const faults: { approvalId: string; problem: ApprovalProblem }[] = []
  const unsigned: string[] = []
  for (const [approvalId, entry] of logged) {
    const approval = approvals.get(approvalId)
    const problem = approval === undefined ? "not-in-table" : problemOf(approval, entry, { keys, party, rule })
    if (problem !== undefined) faults.push({ approvalId, problem })
    if (entry.requestProof === undefined || proofIn(entry.approved) === undefined) unsigned.push(approvalId)
  }
  for (const approvalId of approvals.keys())
    if (!logged.has(approvalId)) faults.push({ approvalId, problem: "not-in-log" })
  return { decided: logged.size, unsigned, faults }
}

function readLogged(events: readonly AuditEvent[]) {
  const requests = new Map<string, AuditEvent>()
  const requestProofs = new Map<string, LoggedProof>()
  const logged = new Map<string, Logged>()
  /** By person and key id. */
  const keys = new Map<string, string>()
  const withKey = new Set<string>()
  for (const event of events) {
    const subject = textOf(event.data, "subject")
    if (event.type === "approval.requested") requests.set(subject, event)
    else if (event.type === "approval.signed") {
      const proof = proofIn(event)
      // A signature counts only if the requester made it before the approval was decided.
      if (proof !== undefined && !logged.has(subject) && requests.get(subject)?.actor === event.actor) {
        requestProofs.set(subject, proof)
      }
    } else if (event.type === "approval.approved") {
      const requested = requests.get(subject)
      const two = new Set([requested?.actor ?? "", event.actor].filter((person) => withKey.has(person)))
      logged.set(subject, { requested, requestProof: requestProofs.get(subject), approved: event, withKey: two })
    } else if (event.type === "person.custody-key-enrolled") withKey.add(subject)
    else {
      const { keyId } = event.data
      const publicKey = `${textOf(event.data, "first")}${textOf(event.data, "last")}`
      // A point whose digest is another key id belongs to nobody.
      if (keyId === keyIdOfPoint(publicKey)) keys.set(`${subject} ${keyId}`, publicKey)
      withKey.add(subject)
    }
  }
  return { logged, keys }
}

interface Trusted {
  readonly keys: ReadonlyMap<string, string>
  readonly party: RelyingParty
  readonly rule: SigningRule
}

function problemOf(approval: Approval, logged: Logged, trusted: Trusted): ApprovalProblem | undefined {
  const { requested, requestProof, approved, withKey } = logged
  const isSame =
    requested !== undefined &&
    approval.requestedBy === requested.actor &&
    approval.decidedBy === approved.actor &&
    approval.requestedBy !== approval.decidedBy &&
    approval.kind === requested.data["kind"] &&
    approval.subject === requested.data["about"] &&
    canonicalJson(approval.payload) === canonicalJson(requested.data["payload"] ?? null) &&
    (approval.grant === undefined ? undefined : canonicalDigest(approval.grant)) === requested.data["grantSha256"]
  if (!isSame) return "approval-differs"
  const sides: readonly Side[] = [
    { step: "request", person: requested.actor, kept: approval.requestProof, logged: requestProof },
    { step: "approve", person: approved.actor, kept: approval.approvalProof, logged: proofIn(approved) },
  ]
  const mustSign = ({ person }: Side) =>
    approval.grant !== undefined || (trusted.rule === "required" && withKey.has(person))
  for (const side of sides) {
    const problem = signatureProblem(approval, side, trusted)
    if (problem !== undefined) return problem
    if (side.logged === undefined && mustSign(side)) return "signature-missing"
  }
  const [first, second] = sides
  // Both are keys that the custodian enrolled, each under its person's name.
  const isOneKey = first?.logged !== undefined && first.logged.keyId === second?.logged?.keyId
  return isOneKey ? "same-key" : undefined
}

interface Side {
  readonly step: "request" | "approve"
  readonly person: string
  /** As the table holds it. */
  readonly kept: StoredProof | undefined
  readonly logged: LoggedProof | undefined
}

function signatureProblem(
  approval: Approval,
  { step, person, kept, logged }: Side,
  { keys, party }: Trusted,
): ApprovalProblem | undefined {
  if (kept === undefined && logged === undefined) return undefined
  const proof = StoredProof.safeParse(kept).data
  if (proof === undefined || logged === undefined || canonicalDigest(proof) !== logged.proofSha256)
    return "signature-differs"
  const publicKey = keys.get(`${person} ${proof.keyId}`)
  if (publicKey === undefined || proof.keyId !== logged.keyId) return "key-unknown"
  const document: JsonValue = approvalStatement(toTerms(approval), { step, person, at: proof.at })
  const isGood = isSignatureOf({ document, signature: proof.proof.signature, publicKey, party })
  return isGood ? undefined : "signature-wrong"
}

function proofIn({ data }: AuditEvent): LoggedProof | undefined {
  const { keyId, proofSha256 } = data
  return typeof keyId === "string" && typeof proofSha256 === "string" ? { keyId, proofSha256 } : undefined
}
