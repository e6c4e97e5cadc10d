/**
 * Requests viewings from the custodian: a grant made and signed in this browser, an answer that only this browser can
 * open, and the report that the viewing ended. Opened bytes exist only while the person holds; what is kept in between
 * is sealed.
 * @module
 */
import type {
  CustodyKeyPair,
  DerivativeGrant,
  GrantProof,
  OriginalGrant,
  ProvenGrant,
  ViewingAnswer,
  ViewingReason,
} from "@nightlight/contract/custodian"
import type { CaseItemView, ViewingView } from "@nightlight/contract/server"
import { call } from "../api/call.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { type PersonKey, prove, sign } from "../custody/person-key.ts"
import { MINUTE_MS } from "../parts/durations.ts"

/** A distinct item of a case. */
export type CaseItem = SchemaOutput<typeof CaseItemView>

/** The viewer, the item and the reason. */
export interface ViewingRequest {
  readonly caseId: string
  readonly item: CaseItem
  readonly person: string
  readonly key: PersonKey
  readonly reason: ViewingReason
}

/** A granted viewing, sealed to this page's key. */
export interface SealedViewing {
  readonly viewingId: string
  readonly caseId: string
  readonly itemId: string
  readonly grant: DerivativeGrant | OriginalGrant
  readonly viewer: CustodyKeyPair
  readonly answer: ViewingAnswer
}

/** A minute less than the custodian's limit of ten, as this computer's clock may be slow. */
const GRANT_MS = 9 * MINUTE_MS

/** A grant signed by its viewer, with the viewer's key pair. */
export interface ViewerGrant<Purpose extends "derivative" | "original"> {
  readonly grant: Extract<DerivativeGrant | OriginalGrant, { readonly purpose: Purpose }>
  readonly viewer: CustodyKeyPair
  readonly proof: GrantProof
}

/** Makes and signs a grant for one viewing. The viewer's private key never leaves this page. */
export async function makeGrant<Purpose extends "derivative" | "original">(
  purpose: Purpose,
  { caseId, item: caseItem, person, key, reason }: ViewingRequest,
): Promise<ViewerGrant<Purpose>> {
  const { createViewerKey } = await import("@nightlight/contract/custodian")
  const { evidence } = caseItem
  if (evidence === undefined) throw new TypeError("this item has no evidence")
  const viewer = await createViewerKey()
  const now = Date.now()
  const grant = {
    format: "nightlight-grant/1",
    grantId: `grant-${crypto.randomUUID()}`,
    purpose,
    caseId,
    person,
    reason,
    evidence: { evidenceId: evidence.evidenceId, ciphertextSha256: evidence.ciphertextSha256 },
    viewerKey: viewer.publicKey,
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + GRANT_MS).toISOString(),
  } as unknown as ViewerGrant<Purpose>["grant"]
  return { grant, viewer, proof: await prove(grant, person, key) }
}

const viewingsOf = (caseId: string, itemId: string) => `/v1/cases/${caseId}/items/${itemId}/viewings`

/** Requests the small copy of an item; recorded and counted. @throws {CallError} if the viewing is refused. */
export async function requestDerivative(asked: ViewingRequest): Promise<SealedViewing> {
  const { grant, viewer, proof } = await makeGrant("derivative", asked)
  return requestProven(asked, { grant, proofs: [proof] }, viewer)
}

/** Requests the viewing of an approved grant. @throws {CallError} if the viewing is refused. */
export async function requestProven(
  { caseId, item: { itemId } }: Pick<ViewingRequest, "caseId" | "item">,
  proven: ProvenGrant,
  viewer: CustodyKeyPair,
): Promise<SealedViewing> {
  const { grant } = proven
  if (grant.purpose !== "derivative" && grant.purpose !== "original")
    throw new TypeError("expected a grant for a viewing")
  const shown = await call<SchemaOutput<typeof ViewingView>>("POST", viewingsOf(caseId, itemId), { body: { proven } })
  return { viewingId: shown.viewingId, caseId, itemId, grant, viewer, answer: shown.answer }
}

/** Opens the sealed bytes. The caller overwrites them after use. */
export async function openSealed({ answer, viewer, grant }: SealedViewing): Promise<Uint8Array<ArrayBuffer>> {
  const { openViewing } = await import("@nightlight/contract/custodian")
  return (await openViewing(answer, viewer, grant.grantId)) as Uint8Array<ArrayBuffer>
}

/**
 * Reports that a viewing ended and how long the picture was visible. The call survives the page; if it does not arrive,
 * the server counts a minute.
 */
export function endViewing({ caseId, itemId, viewingId }: SealedViewing, visibleMs: number): void {
  void fetch(`${viewingsOf(caseId, itemId)}/${viewingId}/end`, {
    method: "POST",
    keepalive: true,
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secondsVisible: Math.min(visibleMs / 1000, 86_400) }),
  }).catch(() => undefined)
}

/**
 * Signs and sends the statement that the caller viewed the whole original. `contentSha256`: of the opened bytes, in
 * hex.
 */
export async function attestWhole(viewing: SealedViewing, contentSha256: string, key: PersonKey): Promise<void> {
  const { grantId, person, evidence } = viewing.grant
  const attestation = {
    format: "nightlight-attestation/1" as const,
    grantId,
    person,
    evidence,
    contentSha256,
    viewedWhole: true as const,
    exifViewed: false,
    at: new Date().toISOString(),
  }
  const signature = await sign("attestation", attestation, key)
  await call("POST", `${viewingsOf(viewing.caseId, viewing.itemId)}/${viewing.viewingId}/attest`, {
    body: { attestation, signature },
  })
}
