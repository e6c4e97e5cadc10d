/**
 * Signing acts of two people with the key in this browser: whoever asks signs what the server made of it, and whoever
 * approves signs the same act.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { ApprovalProof } from "@nightlight/contract/custodian"
import type { ActList, ActView } from "@nightlight/contract/server"
import { acts as say } from "#messages/acts.ts"
import { call } from "../api/call.ts"
import type { Of } from "../api/of.ts"
import { CallError } from "../api/problem.ts"
import { type PersonKey, sign } from "./person-key.ts"

/** Who signs, and with what. */
export interface ActSigner {
  readonly person: string
  readonly key: PersonKey
}

/** What somebody asked for: nothing else gets their signature. */
export interface AskedAct {
  readonly kind: string
  /** Id of what it is about, where the page knows it. */
  readonly subject?: string
  /** The act's own id, where asking answered it. */
  readonly actId?: string
  /** Members that its payload must hold. */
  readonly payload?: Readonly<Record<string, string>>
}

/** Signs an act as one of its two people. */
export async function proveAct(
  act: ActView,
  step: "ask" | "second",
  { person, key }: ActSigner,
): Promise<ApprovalProof> {
  const { approvalStatement, documentDigest } = await import("@nightlight/contract/custodian")
  const { id, kind, subject, payload, grant } = act
  const at = new Date().toISOString()
  const document = approvalStatement(
    compact({
      actId: id,
      kind,
      subject,
      payloadSha256: await documentDigest(payload as Json),
      grantSha256: grant === undefined ? undefined : await documentDigest(grant),
    }),
    { step, person, at },
  )
  return { at, proof: { person, signature: await sign("approval", document, key) } }
}

/** Signs an act that the reader asked for. */
export async function signAsked(act: ActView, signer: ActSigner): Promise<ActView> {
  return call("POST", `/v1/acts/${act.id}/sign`, { body: { proof: await proveAct(act, "ask", signer) } })
}

/**
 * Signs what was just asked for.
 *
 * @throws {CallError} `state_conflict` where no such act of this person waits.
 */
export async function signNewest(asked: AskedAct, signer: ActSigner): Promise<void> {
  const { acts } = await call<Of<typeof ActList>>("GET", "/v1/acts", { query: { state: "waiting" } })
  const mine = acts.find((act) => act.askedBy === signer.person && !act.signed.ask && isAsked(act, asked))
  if (mine === undefined) throw new CallError("state_conflict", say.notWaiting, 409)
  await signAsked(mine, signer)
}

function isAsked(act: ActView, { kind, subject, actId, payload = {} }: AskedAct): boolean {
  const shown = act.payload as Readonly<Record<string, unknown>>
  return (
    act.kind === kind &&
    (subject === undefined || act.subject === subject) &&
    (actId === undefined || act.id === actId) &&
    Object.entries(payload).every(([name, value]) => shown[name] === value)
  )
}

type Json = Parameters<typeof import("@nightlight/contract/custodian").documentDigest>[0]
