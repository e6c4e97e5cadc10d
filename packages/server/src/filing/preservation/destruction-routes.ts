/**
 * Routes of destruction and its certificates.
 * @module
 */
import { DestructionAnswer, DestructionBody, DestructionCertificate } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute, needs, personOf } from "../../platform/http/route.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import { DESTROY_APPROVAL } from "./approvals.ts"
import { type CaseAccess, CaseParams, caseCheck } from "./case-access.ts"
import type { PreservationService } from "./service.ts"

/** Dependencies of {@link destructionRoutes}. */
export interface DestructionRouteDeps extends TransactDeps, CaseAccess {
  readonly preservation: Pick<PreservationService, "certificate">
  readonly approvals: Pick<Approvals, "request">
}

/** Registers the request to destroy a case's evidence, which destroys nothing yet, and the reading of certificates. */
export function destructionRoutes(app: FastifyInstance, deps: DestructionRouteDeps): void {
  const { preservation, approvals } = deps
  const caseExists = caseCheck(deps)

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/destruction",
    summary: "Requests the destruction of a case's evidence; a second person approves it.",
    access: needs("evidence:destroy", "step-up"),
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
}
