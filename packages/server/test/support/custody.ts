/**
 * The custodian as destruction, disclosure and approvals meet it: a list of keys, and receipts that it signs. What it
 * checks before it signs is tested where the custodian is.
 */
import { createHash, generateKeyPairSync, sign } from "node:crypto"
import {
  type CustodianState,
  type CustodyKeyPair,
  createPersonKey,
  type DestructionBody,
  type Enrolments,
  type ProvenGrant,
  proveApproval,
} from "@nightlight/contract/custodian"
import { canonicalJson, compact, type JsonValue, RequestError } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import { toVerifier } from "@nightlight/vault"
import type { Keeper } from "../../src/platform/custodian/receipts.ts"
import {
  type ApprovalSigning,
  createApprovalSigning,
  type SigningRule,
  toProvenGrant,
  toTerms,
} from "../../src/staff/approvals/signing.ts"
import type { Approval, ApprovalGrant } from "../../src/staff/approvals/types.ts"

const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex")
const digestOf = (value: JsonValue) => sha256(canonicalJson(value))

const STATE: CustodianState = {
  state: "ready",
  custody: "separated",
  environments: [],
  enrolled: 2,
  passkeys: { rpId: "localhost", origins: ["http://localhost"], require: [] },
}

/** An installation where nobody has brought a key yet. */
export function unsignedApprovals(): ApprovalSigning {
  return createApprovalSigning({
    custodian: { enrolments: async () => ({ people: [], invited: [] }), state: async () => STATE },
    rule: "when-enrolled",
  })
}

/** Sealed files of evidence by its ids alone. */
export const sealedByName = async (_db: unknown, evidenceIds: readonly string[]) =>
  evidenceIds.map((evidenceId) => ({ evidenceId, ciphertextSha256: sha256(evidenceId) }))

/** A custodian that signs receipts, and keeps what it was asked. */
export function openKeeper() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const journalKey = publicKey.export({ type: "spki", format: "pem" }).toString()
  const signer = {
    keyId: toVerifier(journalKey).keyId,
    sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey)),
  }
  const asked: (DestructionBody | ProvenGrant)[] = []
  const state = { reason: undefined as string | undefined, alter: (receipt: object): object => receipt }
  const refuse = () => {
    if (state.reason === undefined) return
    throw new RequestError("forbidden", "the custodian refused this", { details: { reason: state.reason } })
  }
  const at = "2026-03-01T12:00:00.000Z"
  const keeper: Keeper = {
    state: async () => ({ ...STATE, journalKey }),
    destroy: async (body) => {
      asked.push(body)
      refuse()
      const order = "proven" in body ? body.proven.grant : body.cleared
      if ("purpose" in order && order.purpose !== "destroy") throw new TypeError("expected a destruction")
      const orderId = "grantId" in order ? order.grantId : order.orderId
      const receipt = signDocument(
        {
          format: "nightlight-destruction-receipt/1" as const,
          orderId,
          orderSha256: digestOf(order),
          caseId: order.caseId,
          basis: order.basis,
          at,
          people: "proven" in body ? body.proven.proofs.map(({ person }) => person) : [],
          evidence: order.evidence.map((piece) => ({ ...piece, file: "left" as const })),
        },
        signer,
      )
      return state.alter(receipt) as typeof receipt
    },
    disclose: async (proven) => {
      asked.push(proven)
      refuse()
      const { grant, proofs } = proven
      if (grant.purpose !== "disclose") throw new TypeError("expected a disclosure")
      const { grantId, caseId, kind, handover, request } = grant
      const receipt = signDocument(
        {
          format: "nightlight-disclosure-receipt/1" as const,
          grantId,
          grantSha256: digestOf(grant),
          caseId,
          requestId: request.requestId,
          kind,
          handover,
          at,
          people: proofs.map(({ person }) => person),
        },
        signer,
      )
      return state.alter(receipt) as typeof receipt
    },
  }
  return { keeper, asked, state }
}

/** A grant that two people give by an approval; the custodian of these tests does not check the signatures. */
export async function provenBy(grant: ApprovalGrant, people: readonly [string, string]): Promise<ProvenGrant> {
  const enrolments = openEnrolments()
  const [asker, second] = people
  const now = new Date(grant.issuedAt)
  const kind = grant.purpose === "destroy" ? "evidence.destroy" : "evidence.export"
  const approval = { id: grant.grantId, kind, subject: grant.caseId, payload: {}, grant } as unknown as Approval
  for (const person of people) await enrolments.enrol(person)
  const [ask, approved] = [
    await enrolments.prove(approval, "request", asker, now),
    await enrolments.prove(approval, "approve", second, now),
  ]
  const proven = toProvenGrant(approval, { ...ask, keyId: "" }, { ...approved, keyId: "" })
  if (proven === undefined) throw new Error("expected a grant")
  return proven
}

/** People whose keys a custodian lists. */
export function openEnrolments() {
  const keys = new Map<string, CustodyKeyPair>()
  const people: Enrolments["people"] = []
  const enrolled: { person: string; keyId: string; enrolledAt: string }[] = []
  const keyId = (publicKey: string) => sha256(Buffer.from(publicKey, "base64url")).slice(0, 16)
  return {
    custodian: {
      enrolments: async () => ({ people: [...people], invited: [] }),
      state: async () => STATE,
      enrolledKeys: async () => ({ keys: [...enrolled] }),
    },
    signing(rule: SigningRule = "required") {
      return createApprovalSigning({ custodian: this.custodian, rule })
    },
    /** Brings a key, and a passkey with it where one is given; a person's earlier ones are gone. */
    async enrol(
      person: string,
      key?: CustodyKeyPair,
      passkey?: { readonly credentialId: string; readonly publicKey: string },
    ) {
      const made = key ?? (await createPersonKey())
      keys.set(person, made)
      const others = people.filter((entry) => entry.person !== person)
      const entry = { person, roles: ["counsel" as const], enrolledAt: "2026-01-01T00:00:00.000Z" }
      const { publicKey } = made
      people.splice(0, people.length, ...others, {
        ...entry,
        publicKey,
        keyId: keyId(publicKey),
        ...compact({
          passkey:
            passkey === undefined
              ? undefined
              : {
                  credentialId: passkey.credentialId,
                  publicKey: passkey.publicKey,
                  keyId: keyId(passkey.publicKey),
                },
        }),
      })
      enrolled.push({ person, keyId: keyId(made.publicKey), enrolledAt: entry.enrolledAt })
      return made
    },
    revoke(person: string) {
      const kept = people.filter((entry) => entry.person !== person)
      people.splice(0, people.length, ...kept)
    },
    /** Signs an approval as somebody, with their own key by default. */
    async prove(approval: Approval, step: "request" | "approve", person: string, at: Date, key = keys.get(person)) {
      if (key === undefined) throw new Error("expected a key")
      return proveApproval(toTerms(approval), { step, person, at: at.toISOString() }, key.privateKey)
    },
  }
}
