/**
 * Routes of approvals. Each feature has its own route to request one.
 * @module
 */

import {
  ApprovalList,
  ApprovalQuery,
  ApprovalView,
  ApprovedResult,
  DeclineBody,
  SecondApprovalBody,
  SignApprovalBody,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { Actor } from "../../platform/auth/actor.ts"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Approvals } from "./service.ts"
import type { Approval } from "./types.ts"

const ApprovalParams = z.strictObject({ approvalId: z.string().max(80) })

/**
 * Registers the routes under `/v1/approvals`. Approving needs `approval:decide` with a step-up, and the kind's own
 * permission.
 */
export function approvalRoutes(app: FastifyInstance, { approvals }: { readonly approvals: Approvals }): void {
  const object = {
    kind: "check",
    allows: async (actor: Actor, { approvalId }: z.output<typeof ApprovalParams>) =>
      approvals.mayRead(personOf(actor), approvalId),
  } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/approvals",
    summary: "Lists the approvals that the caller requested or may approve, newest first",
    access: { kind: "permission", permission: "approval:read" },
    object: { kind: "none", because: "the list holds what the caller requested or may approve" },
    query: ApprovalQuery,
    reply: ApprovalList,
    handle: async ({ actor, query }) => ({
      approvals: (await approvals.list(personOf(actor), query.state)).map(({ approval, mayApprove }) =>
        toApprovalView(approval, mayApprove),
      ),
    }),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/approvals/:approvalId",
    summary: "Reads one approval, with the terms that are signed",
    access: { kind: "permission", permission: "approval:read" },
    object,
    params: ApprovalParams,
    reply: ApprovalView,
    handle: async ({ actor, params }) => {
      const { approval, mayApprove } = await approvals.get(personOf(actor), params.approvalId)
      return toApprovalView(approval, mayApprove)
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/approvals/:approvalId/sign",
    summary: "Signs an approval as the person who requested it",
    access: { kind: "permission", permission: "approval:read" },
    object,
    params: ApprovalParams,
    body: SignApprovalBody,
    reply: ApprovalView,
    handle: async ({ actor, params, body }) =>
      toApprovalView(await approvals.sign(personOf(actor), params.approvalId, body.proof), false),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/approvals/:approvalId/approve",
    summary: "Approves a request and performs it",
    access: { kind: "permission", permission: "approval:decide", stepUp: true },
    object,
    params: ApprovalParams,
    // Optional where no signature is required.
    body: SecondApprovalBody.nullish(),
    reply: ApprovedResult,
    handle: async ({ actor, params, body }) => {
      const { approval, result } = await approvals.approve(personOf(actor), params.approvalId, body?.proof)
      return { approval: toApprovalView(approval, false), result }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/approvals/:approvalId/decline",
    summary: "Declines an approval, or withdraws one's own request",
    access: { kind: "permission", permission: "approval:read" },
    object,
    params: ApprovalParams,
    // The body is optional: a reason is not required.
    body: DeclineBody.nullish(),
    reply: ApprovalView,
    handle: async ({ actor, params, body }) =>
      toApprovalView(await approvals.decline(personOf(actor), params.approvalId, body?.reason), false),
  })
}

/** `signed` says who has signed; the signatures themselves are not sent. */
export function toApprovalView(approval: Approval, mayApprove: boolean): ApprovalView {
  const { id, kind, subject, payload, state, requestedBy, requestedAt, expiresAt } = approval
  const { decidedBy, decidedAt, declineReason, grant, requestProof, approvalProof } = approval
  return compact({
    id,
    kind,
    subject,
    payload,
    state,
    requestedBy,
    mayApprove,
    requestedAt: requestedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    decidedBy,
    decidedAt: decidedAt?.toISOString(),
    declineReason,
    grant,
    signed: { requested: requestProof !== undefined, approved: approvalProof !== undefined },
  })
}
