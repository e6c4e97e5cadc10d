/**
 * Requests of authorities are recorded, linked to cases, and answered by disclosures, which take an approval.
 * @module
 */

import { createHash, randomUUID } from "node:crypto"
import { type DiscloseGrant, GRANT_FORMAT, type GrantedEvidence } from "@nightlight/contract/custodian"
import { DAY_MS, type JsonValue, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import { type Keeper, requestDisclosure } from "../../platform/custodian/receipts.ts"
import { DISCLOSURE_KINDS, type RequestKind } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { APPROVAL_GRANT_MS, type ApprovalDefinition } from "../../staff/approvals/types.ts"
import type { PreservationService } from "../preservation/service.ts"
import { type CustodySubject, toCustodyRecord } from "./custody-record.ts"
import * as store from "./store.ts"
import { type Disclosure, type LeRequest, PRESERVATION_REQUEST_DAYS, type RequestScope } from "./types.ts"

/** Kind of the approval of disclosing. */
export const DISCLOSE_APPROVAL = "evidence.export"

/** Payload of the approval: kind and request of a disclosure. */
export const DisclosePayload = z.strictObject({ requestId: z.string().max(80), kind: z.enum(DISCLOSURE_KINDS) })
export type DisclosePayload = z.infer<typeof DisclosePayload>

/** Dependencies of requests. */
export interface RequestDeps extends TransactDeps {
  readonly contextKeys: ContextKeys
  readonly preservation: Pick<PreservationService, "hold">
  readonly custodian: Keeper
  /** Sealed files of pieces of evidence. */
  readonly sealedOf: (
    db: Kysely<Tables>,
    evidenceIds: readonly string[],
  ) => Promise<readonly z.infer<typeof GrantedEvidence>[]>
  /** Collects a case's custody record. */
  readonly custodyOf: (caseId: string) => Promise<CustodySubject>
}

/** A request of an authority to record; `scope` is sealed. */
export interface NewRequest {
  readonly kind: RequestKind
  readonly scope: RequestScope
  readonly receivedAt: Date
  readonly dueAt: Date | undefined
}

/** A request and what was done for it. */
export interface RequestLog {
  readonly request: LeRequest
  readonly cases: readonly string[]
  readonly disclosures: readonly Disclosure[]
}

/** Requests of authorities. Their scope is sealed, and each reading of it is recorded. */
export interface RequestService {
  open(actor: PersonActor, request: NewRequest): Promise<LeRequest>
  list(filter: store.RequestFilter): Promise<readonly LeRequest[]>
  /** A request with its cases and disclosures, without its scope. Throws {@link RequestError} `not_found`. */
  log(requestId: string): Promise<RequestLog>
  /** Opens a request with its scope, cases and disclosures, after recording that it is read. */
  read(actor: PersonActor, requestId: string): Promise<RequestLog & { readonly scope: RequestScope }>
  /** Links a case. A preservation letter holds its evidence for 90 days from the letter's receipt. */
  link(actor: PersonActor, requestId: string, caseId: string): Promise<void>
  /** @throws {RequestError} `state_conflict` if it is closed. */
  close(actor: PersonActor, requestId: string): Promise<void>
  /** Whether an open request asks for the destruction of a case's evidence. */
  asksForDestruction(db: Kysely<Tables>, requestId: string, caseId: string): Promise<boolean>
  /** SHA-256 of a request's sealed text, to which a grant is bound. Throws {@link RequestError} `not_found`. */
  digest(db: Kysely<Tables>, requestId: string): Promise<string>
  /** The approval of a disclosure; its subject is the case. A custody record is shown once, to the approver. */
  readonly discloseApproval: ApprovalDefinition<DisclosePayload>
}

const SCOPE = "request-scope"

/** Scopes are sealed under a context key of the request, not of a case. Dates and kind stay readable. */
export function createRequests(deps: RequestDeps): RequestService {
  const { db, clock, contextKeys } = deps
  const must = async (from: Kysely<Tables>, requestId: string) => {
    const found = await store.readRequest(from, requestId)
    if (found === undefined) throw new RequestError("not_found", "there is no such request")
    return found
  }
  const logOf = async (request: LeRequest): Promise<RequestLog> => ({
    request,
    cases: await store.casesOf(db, request.requestId),
    disclosures: await store.disclosuresOf(db, request.requestId),
  })

  return {
    open: (actor, { kind, scope, receivedAt, dueAt }) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const requestId = `request-${randomUUID()}`
        await store.insertRequest(trx, {
          request_id: requestId,
          kind,
          received_at: receivedAt,
          due_at: dueAt ?? null,
          sealed: await contextKeys.seal(trx, requestId, SCOPE, { ...scope }),
          opened_by: actor.id,
          opened_at: clock.now(),
        })
        record({ type: "request.opened", subject: requestId, data: { kind, due: dueAt?.toISOString() } })
        return (await must(trx, requestId)).request
      }),

    list: (filter) => store.listRequests(db, filter),

    log: async (requestId) => logOf((await must(db, requestId)).request),

    read: async (actor, requestId) => {
      const { request, sealed } = await must(db, requestId)
      await transact(deps, actor.id, async ({ record }) => record({ type: "request.read", subject: requestId }))
      const scope = (await contextKeys.open(db, requestId, SCOPE, sealed)) as unknown as RequestScope
      return { scope, ...(await logOf(request)) }
    },

    link: (actor, requestId, caseId) =>
      transact(deps, actor.id, async (tx) => {
        const { request, sealed } = await must(tx.trx, requestId)
        if (request.state !== "open") throw new RequestError("state_conflict", "the request is closed")
        if (!(await store.linkCase(tx.trx, { requestId, caseId, by: actor.id, at: clock.now() }))) return
        tx.record({ type: "request.case-linked", subject: requestId, data: { case: caseId } })
        if (request.kind !== "preservation-2703f") return
        const scope = (await contextKeys.open(tx.trx, requestId, SCOPE, sealed)) as unknown as RequestScope
        await deps.preservation.hold(tx, actor.id, caseId, {
          reason: "2703f",
          reference: `${scope.agency}: ${scope.reference}`,
          requestId,
          until: new Date(request.receivedAt.getTime() + PRESERVATION_REQUEST_DAYS * DAY_MS),
        })
      }),

    close: (actor, requestId) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        await must(trx, requestId)
        if (!(await store.closeRequest(trx, requestId, { by: actor.id, at: clock.now() }))) {
          throw new RequestError("state_conflict", "the request is already closed")
        }
        record({ type: "request.closed", subject: requestId })
      }),

    asksForDestruction: (from, requestId, caseId) =>
      store.isCaseOfOpenRequest(from, requestId, caseId, ["destruction", "legal-process", "ncmec"]),

    digest: async (from, requestId) =>
      createHash("sha256")
        .update((await must(from, requestId)).sealed)
        .digest("hex"),

    discloseApproval: {
      kind: DISCLOSE_APPROVAL,
      payload: DisclosePayload,
      requestPermission: "evidence:export",
      approvePermission: "evidence:export",
      assertRequestable: async ({ trx }, { subject, payload }) => assertNamed(trx, payload.requestId, subject),
      grantOf: async ({ trx }, { approvalId, subject, payload: { requestId, kind }, requestedBy, requestedAt }) => {
        const { evidence } = await deps.custodyOf(subject)
        const left = evidence.filter(({ state }) => state !== "destroyed").map(({ evidenceId }) => evidenceId)
        const { sealed } = await must(trx, requestId)
        return {
          format: GRANT_FORMAT,
          grantId: approvalId,
          caseId: subject,
          issuedAt: requestedAt.toISOString(),
          expiresAt: new Date(requestedAt.getTime() + APPROVAL_GRANT_MS).toISOString(),
          purpose: "disclose",
          request: { requestId, sealedSha256: createHash("sha256").update(sealed).digest("hex") },
          kind,
          handover: HANDOVER[kind],
          evidence: (await deps.sealedOf(trx, left)).slice(0, MAX_PIECES).map((piece) => ({ ...piece })),
          requestedBy,
        }
      },
      perform: async ({ trx, record }, { requestId, kind }, by) => {
        const { approvalId, subject: caseId, requestedBy, approvedBy, proven } = by
        await assertNamed(trx, requestId, caseId)
        if (proven === undefined) throw new RequestError("state_conflict", "a disclosure must be signed by both people")
        // May be called again if this transaction is retried: the custodian gives the same receipt.
        const receipt = await requestDisclosure(deps.custodian, proven)
        const document =
          kind === "custody-record" ? await toCustodyRecord(trx, await deps.custodyOf(caseId), clock.now()) : undefined
        const documentSha256 = document === undefined ? undefined : createHash("sha256").update(document).digest("hex")
        const disclosureId = `disclosure-${randomUUID()}`
        await store.insertDisclosure(trx, {
          disclosureId,
          requestId,
          caseId,
          kind,
          approvalId,
          requestedBy,
          approvedBy,
          documentSha256,
          disclosedAt: clock.now(),
          receipt,
        })
        record({
          type: "evidence.disclosed",
          subject: caseId,
          data: { disclosure: disclosureId, approval: approvalId, request: requestId, kind, sha256: documentSha256 },
        })
        if (document === undefined) return { disclosureId, receipt }
        return { disclosureId, receipt, record: JSON.parse(document) as JsonValue }
      },
    },
  }
}

/** How each kind leaves the organisation. */
const HANDOVER: Readonly<Record<DisclosePayload["kind"], DiscloseGrant["handover"]>> = {
  "custody-record": "shown-to-approver",
  content: "outside",
  records: "outside",
}

/** Maximum number of pieces in one grant. */
const MAX_PIECES = 1000

async function assertNamed(db: Kysely<Tables>, requestId: string, caseId: string): Promise<void> {
  if (await store.isCaseOfOpenRequest(db, requestId, caseId, ["legal-process", "ncmec", "preservation-2703f"])) return
  throw new RequestError("input_invalid", "name an open request that is linked to this case")
}
