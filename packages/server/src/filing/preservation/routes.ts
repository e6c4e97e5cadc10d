/**
 * Routes of preservation.
 * @module
 */
import {
  CaseCustody,
  CasePreservation,
  CustodyQuery,
  DestructionAnswer,
  DestructionBody,
  DestructionCertificate,
  Done,
  ExtendBody,
  HoldAnswer,
  HoldBody,
  HoldDetail,
  type HoldView,
  LiftBody,
  PreservationClock,
  PreservationList,
  PreservationQuery,
  PreservationView,
} from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { Permission } from "../../platform/auth/permissions.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute, type ObjectCheck, personOf } from "../../platform/http/route.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import { DESTROY_APPROVAL } from "./approvals.ts"
import type { ClockGuard } from "./clock-guard.ts"
import { readCustody } from "./custody.ts"
import type { PreservationService } from "./service.ts"
import type { Hold, Preservation } from "./types.ts"

/** Dependencies of {@link preservationRoutes}. */
export interface PreservationRouteDeps extends TransactDeps {
  readonly preservation: PreservationService
  readonly approvals: Approvals
  readonly guard: ClockGuard
  readonly caseExists: (caseId: string) => Promise<boolean>
  /** Ids of a case's pieces of evidence and reports. */
  readonly partsOf: (caseId: string) => Promise<readonly string[]>
}

const CaseParams = z.strictObject({ caseId: z.string().max(80) })
const HoldParams = z.strictObject({ holdId: z.string().max(80) })
const DONE = { done: true } as const

/** Registers the routes of preservations, holds, destruction and the clock guard. */
export function preservationRoutes(app: FastifyInstance, deps: PreservationRouteDeps): void {
  const { preservation, approvals, guard } = deps
  const caseExists: ObjectCheck<z.infer<typeof CaseParams>> = {
    kind: "check",
    allows: (_actor, { caseId }) => deps.caseExists(caseId),
  }
  const needs = (permission: Permission, stepUp = false) =>
    ({ kind: "permission", permission, ...compact({ stepUp: stepUp ? (true as const) : undefined }) }) as const

  addRoute(app, {
    method: "GET",
    url: "/v1/preservations",
    summary: "Lists preserved evidence, by id.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "it shows ids, states and dates alone" },
    query: PreservationQuery,
    reply: PreservationList,
    handle: async ({ query: { state, after, limit } }) => {
      const found = await preservation.list({ state, after, limit: limit + 1 })
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      const held = await preservation.casesOnHold(shown.map(({ caseId }) => caseId))
      return compact({
        evidence: shown.map((item) => toView(item, held.has(item.caseId))),
        next: found.length > limit && last !== undefined ? last.evidenceId : undefined,
      })
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/preservations/:evidenceId",
    summary: "Reads the preservation of one piece of evidence.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "it shows an id, a state and dates alone" },
    params: z.strictObject({ evidenceId: z.string().max(80) }),
    reply: PreservationView,
    handle: async ({ params }) => {
      const item = await preservation.find(params.evidenceId)
      if (item === undefined) throw new RequestError("not_found", "no preservation is recorded for this evidence")
      return toView(item, (await preservation.casesOnHold([item.caseId])).has(item.caseId))
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/custody",
    summary:
      "Lists what of a case arrived and was opened, filed, held, disclosed and destroyed, and by whom, without decisions.",
    access: needs("preservation:read"),
    object: caseExists,
    params: CaseParams,
    query: CustodyQuery,
    reply: CaseCustody,
    handle: async ({ params: { caseId }, query: { fromSeq = 1, limit } }) => {
      const subjects = [caseId, ...(await deps.partsOf(caseId))]
      const events = await readCustody(deps.db, subjects, { fromSeq, limit: limit + 1 })
      const next = events[limit]
      return compact({
        events: events
          .slice(0, limit)
          .map(({ seq, at, type, actor, data }) => ({ seq, at, type, actor, data: { ...data } })),
        nextSeq: next?.seq,
      })
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/preservation",
    summary: "Reads what keeps a case's evidence, and until when.",
    access: needs("preservation:read"),
    object: caseExists,
    params: CaseParams,
    reply: CasePreservation,
    handle: async ({ params }) => {
      const { evidence, holds } = await preservation.ofCase(params.caseId)
      const held = (await preservation.casesOnHold([params.caseId])).has(params.caseId)
      return { evidence: evidence.map((item) => toView(item, held)), holds: holds.map(toHoldView) }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/holds",
    summary: "Holds a case's evidence beyond its clock.",
    access: needs("preservation:hold"),
    object: caseExists,
    params: CaseParams,
    body: HoldBody,
    reply: HoldAnswer,
    status: 201,
    handle: async ({ actor, params, body: { reason, reference, until } }) => ({
      holdId: await transact(deps, actor.id, (tx) =>
        preservation.hold(
          tx,
          personOf(actor).id,
          params.caseId,
          compact({
            reason,
            reference,
            until: until === undefined ? undefined : new Date(until),
          }),
        ),
      ),
    }),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/holds/:holdId",
    summary: "Opens the reference of a hold; this is recorded.",
    access: needs("preservation:hold"),
    object: { kind: "none", because: "it answers not_found for a hold that is not there" },
    params: HoldParams,
    reply: HoldDetail,
    handle: async ({ actor, params }) => {
      const { hold, reference } = await preservation.readHold(personOf(actor), params.holdId)
      return { hold: toHoldView(hold), reference }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/holds/:holdId/lift",
    summary: "Lifts a hold.",
    access: needs("preservation:hold", true),
    object: { kind: "none", because: "lifting answers not_found for a hold that is not there" },
    params: HoldParams,
    body: LiftBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await preservation.lift(personOf(actor), params.holdId, body.why)
      return DONE
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/preservation/extend",
    summary: "Extends the preservation of evidence beyond its year.",
    access: needs("preservation:hold"),
    object: caseExists,
    params: CaseParams,
    body: ExtendBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await preservation.extend(personOf(actor), params.caseId, new Date(body.until))
      return DONE
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/destruction",
    summary: "Requests the destruction of a case's evidence; a second person approves it.",
    access: needs("evidence:destroy", true),
    object: caseExists,
    params: CaseParams,
    body: DestructionBody,
    reply: DestructionAnswer,
    status: 202,
    handle: async ({ actor, params, body }) => {
      const approval = await transact(deps, actor.id, (tx) =>
        approvals.request(tx, personOf(actor), DESTROY_APPROVAL, params.caseId, { ...body }),
      )
      return { approvalId: approval.id }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/destructions/:certificateId",
    summary: "Reads a certificate of destruction.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "a certificate shows ids and dates alone" },
    params: z.strictObject({ certificateId: z.string().max(80) }),
    reply: DestructionCertificate,
    handle: async ({ params }) => {
      const document = await preservation.certificate(params.certificateId)
      if (document === undefined) throw new RequestError("not_found", "there is no such certificate")
      return DestructionCertificate.parse(JSON.parse(document))
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/preservation/clock",
    summary: "Reads whether the clock may end preservations.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "there is one clock" },
    reply: PreservationClock,
    handle: async () => {
      const { seenAt, suspendedAt } = await guard.state()
      return compact({
        seenAt: seenAt?.toISOString(),
        suspendedAt: suspendedAt?.toISOString(),
      })
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/preservation/clock/confirm",
    summary: "Confirms the clock after a jump.",
    access: needs("preservation:hold", true),
    object: { kind: "none", because: "there is one clock" },
    reply: Done,
    handle: async ({ actor }) => {
      await guard.confirm(personOf(actor).id)
      return DONE
    },
  })
}

function toView(item: Preservation, held: boolean): z.input<typeof PreservationView> {
  const { evidenceId, caseId, state, lockedUntil, reportId, destroyBy, certificateId, destroyedAt } = item
  return compact({
    evidenceId,
    caseId,
    state,
    held,
    lockedUntil: lockedUntil?.toISOString(),
    reportId,
    destroyBy: destroyBy?.toISOString(),
    certificateId,
    destroyedAt: destroyedAt?.toISOString(),
  })
}

function toHoldView(hold: Hold): z.input<typeof HoldView> {
  const { holdId, caseId, reason, requestId, placedBy, placedAt, until, liftedBy, liftedAt } = hold
  return compact({
    holdId,
    caseId,
    reason,
    placedBy,
    placedAt: placedAt.toISOString(),
    requestId,
    until: until?.toISOString(),
    liftedBy,
    liftedAt: liftedAt?.toISOString(),
  })
}
