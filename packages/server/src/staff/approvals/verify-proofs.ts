/**
 * Checks the signatures under every decided approval by two people against the log: who asked, who approved, for what, and
 * with which keys. The table is what is checked; the log says what must stand in it.
 * @module
 */
import { createHash } from "node:crypto"
import { approvalStatement } from "@nightlight/contract/custodian"
import { canonicalJson, DependencyError, hasCode, type JsonValue } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { RelyingParty } from "@nightlight/vault/webauthn"
import type { Kysely } from "kysely"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { textOf } from "../../platform/events/text-of.ts"
import { isSignatureOf } from "./signature.ts"
import { digestOf, type SigningRule, StoredProof, toTerms } from "./signing.ts"
import { listDecided } from "./store.ts"
import type { Approval } from "./types.ts"

/** What is wrong with an approval. */
export type ApprovalProblem =
  /** The table says that it was done; the log does not. */
  | "not-in-log"
  /** The log says that it was done; the table has no such approval, or not as done. */
  | "not-in-table"
  /** Kind, subject, payload, grant or people are not those of the log. */
  | "approval-differs"
  /** A signature that the log speaks of is not in the table, or another one is, or one that the log does not know. */
  | "signature-differs"
  /** Somebody did not sign who had brought a key by then, or what the custodian does is not signed. */
  | "signature-missing"
  /** Both signed with one key: one hand, whatever names it was enrolled under. */
  | "same-key"
  /** The log never held the key that it names, or the custodian never enrolled it for this person. */
  | "key-unknown"
  /** The signature is not that key's over this approval. */
  | "signature-wrong"

/** What the check came to. */
export interface ApprovalsChecked {
  /** Approvals that were done, by the log. */
  readonly decided: number
  /** Those of them that one or both people did not sign. */
  readonly unsigned: readonly string[]
  /** Approvals that are not what the log says, in its order, and then those that it does not know. */
  readonly faults: readonly { readonly approvalId: string; readonly problem: ApprovalProblem }[]
}

/** What the log says of one approval. */
interface Logged {
  readonly asked: AuditEvent | undefined
  /** Digest and key of the last signature of whoever asked. */
  readonly requestProof: LoggedProof | undefined
  readonly approved: AuditEvent
  /** Who had brought a key by then, of the two. */
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

/** What the custodian knows that approvals are measured by. */
export interface ApprovalWitness {
  /** Where this installation's passkeys are used. */
  readonly party: RelyingParty
  /** Every key that was ever enrolled, by the custodian's own journal: a server may pin whatever it likes. */
  readonly enrolled: readonly { readonly person: string; readonly keyId: string }[]
}

/**
 * Asks the custodian for it.
 *
 * @throws {DependencyError} `unavailable`.
 */
export async function approvalWitness(
  custodian: Pick<CustodianClient, "state" | "enrolledKeys">,
): Promise<ApprovalWitness> {
  const [{ passkeys }, { keys }] = await Promise.all([custodian.state(), custodian.enrolledKeys()])
  return { party: passkeys, enrolled: keys }
}

/** The same; `undefined` where the custodian does not answer, so that the rest can be verified without it. */
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
 * Verifies approvals. The log itself was verified before: this reads it as it stands.
 *
 * @param rule - Who signs here: where everybody must, nobody who had brought a key goes without.
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
  const asked = new Map<string, AuditEvent>()
  const requestProofs = new Map<string, LoggedProof>()
  const logged = new Map<string, Logged>()
  /** By person and key id. */
  const keys = new Map<string, string>()
  const withKey = new Set<string>()
  for (const event of events) {
    const subject = textOf(event.data, "subject")
    if (event.type === "approval.requested") asked.set(subject, event)
    else if (event.type === "approval.signed") {
      const proof = proofIn(event)
      // A signature is the asker's own, and comes before the approval is decided.
      if (proof !== undefined && !logged.has(subject) && asked.get(subject)?.actor === event.actor) {
        requestProofs.set(subject, proof)
      }
    } else if (event.type === "approval.approved") {
      const ask = asked.get(subject)
      const two = new Set([ask?.actor ?? "", event.actor].filter((person) => withKey.has(person)))
      logged.set(subject, { asked: ask, requestProof: requestProofs.get(subject), approved: event, withKey: two })
    } else if (event.type === "person.custody-key-enrolled") withKey.add(subject)
    else {
      const { keyId } = event.data
      const publicKey = `${textOf(event.data, "first")}${textOf(event.data, "last")}`
      // Under another key's id it is nobody's.
      if (keyId === keyIdOf(publicKey)) keys.set(`${subject} ${keyId}`, publicKey)
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
  const { asked, requestProof, approved, withKey } = logged
  const isSame =
    asked !== undefined &&
    approval.requestedBy === asked.actor &&
    approval.decidedBy === approved.actor &&
    approval.requestedBy !== approval.decidedBy &&
    approval.kind === asked.data["kind"] &&
    approval.subject === asked.data["about"] &&
    canonicalJson(approval.payload) === canonicalJson(asked.data["payload"] ?? null) &&
    (approval.grant === undefined ? undefined : digestOf(approval.grant)) === asked.data["grantSha256"]
  if (!isSame) return "approval-differs"
  const sides: readonly Side[] = [
    { step: "request", person: asked.actor, kept: approval.requestProof, logged: requestProof },
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
  /** In the table. */
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
  if (proof === undefined || logged === undefined || digestOf(proof) !== logged.proofSha256) return "signature-differs"
  const publicKey = keys.get(`${person} ${proof.keyId}`)
  if (publicKey === undefined || proof.keyId !== logged.keyId) return "key-unknown"
  const document: JsonValue = approvalStatement(toTerms(approval), { step, person, at: proof.at })
  const isGood = isSignatureOf({ document, signature: proof.proof.signature, publicKey, party })
  return isGood ? undefined : "signature-wrong"
}

/** First 16 hexadecimal digits of the SHA-256 of the point's bytes: what the custodian's journal knows a key by. */
function keyIdOf(point: string): string {
  return createHash("sha256").update(Buffer.from(point, "base64url")).digest("hex").slice(0, 16)
}

function proofIn({ data }: AuditEvent): LoggedProof | undefined {
  const { keyId, proofSha256 } = data
  return typeof keyId === "string" && typeof proofSha256 === "string" ? { keyId, proofSha256 } : undefined
}
