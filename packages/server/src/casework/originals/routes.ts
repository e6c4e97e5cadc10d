/**
 * Routes of requests to view originals.
 * @module
 */

import {
  CaseIdText,
  ItemIdText,
  OriginalProofBody,
  OriginalRequestBody,
  OriginalRequestIdText,
  OriginalRequestList,
  OriginalRequestView,
} from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, type ObjectCheck, personOf } from "../../platform/http/route.ts"
import { caseIsHeldBy } from "../cases/access.ts"
import type { CasesService } from "../cases/service.ts"
import type { Originals, RequestForViewer } from "./service.ts"

const Place = z.strictObject({ caseId: CaseIdText, itemId: ItemIdText })
const Named = z.strictObject({ requestId: OriginalRequestIdText })

/** Dependencies of {@link originalRoutes}. */
export interface OriginalRouteDeps {
  readonly originals: Originals
  readonly cases: CasesService
  readonly clock: Clock
}

/**
 * Registers the routes of requests for originals. Requesting needs `viewing:original`, proving `viewing:approve`, both
 * with a step-up.
 */
export function originalRoutes(app: FastifyInstance, { originals, cases, clock }: OriginalRouteDeps): void {
  const approving = { kind: "permission", permission: "viewing:approve" } as const
  const concerned: ObjectCheck<z.output<typeof Named>> = {
    kind: "check",
    allows: async (actor, { requestId }) => actor.kind === "person" && originals.mayRead(actor, requestId),
  }

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/original-requests",
    summary:
      "Requests a second person's proof of a grant for the whole file; the request waits until the grant expires.",
    access: { kind: "permission", permission: "viewing:original", stepUp: true },
    object: caseIsHeldBy(cases, () => clock.now()),
    params: Place,
    body: OriginalRequestBody,
    reply: OriginalRequestView,
    status: 201,
    handle: async ({ actor, params, body }) => {
      const person = personOf(actor)
      return toView(await originals.request(person, params, body), person.id)
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/original-requests",
    summary: "Lists the caller's own requests for originals, and those that the caller may approve.",
    access: approving,
    object: { kind: "none", because: "people see their own requests and those that they may approve" },
    reply: OriginalRequestList,
    handle: async ({ actor }) => {
      const person = personOf(actor)
      return { requests: (await originals.list(person)).map((each) => toView(each, person.id)) }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/original-requests/:requestId/prove",
    summary: "Adds the second person's proof to a grant for the whole file.",
    access: { ...approving, stepUp: true },
    object: concerned,
    params: Named,
    body: OriginalProofBody,
    reply: OriginalRequestView,
    handle: async ({ actor, params, body }) => {
      const person = personOf(actor)
      return toView(await originals.prove(person, params.requestId, body.proof), person.id)
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/original-requests/:requestId/decline",
    summary: "Declines a request for an original, or withdraws one's own.",
    access: approving,
    object: concerned,
    params: Named,
    reply: OriginalRequestView,
    handle: async ({ actor, params }) => {
      const person = personOf(actor)
      return toView(await originals.decline(person, params.requestId), person.id)
    },
  })
}

function toView(
  { request, item: caseItem, mayApprove }: RequestForViewer,
  reader: string,
): z.input<typeof OriginalRequestView> {
  const { id, caseId, itemId, state, requestedBy, grant, firstSignature, secondSignature, decidedBy } = request
  const isMine = requestedBy === reader && decidedBy !== undefined && secondSignature !== undefined
  return {
    id,
    caseId,
    itemId,
    state,
    requestedBy,
    grant,
    mayApprove,
    reason: grant.reason,
    requestedAt: request.requestedAt.toISOString(),
    expiresAt: request.expiresAt.toISOString(),
    mediaType: caseItem.mediaType,
    sizeBytes: caseItem.sizeBytes,
    lists: [...new Set(caseItem.matches.map(({ list }) => list))],
    categories: [...new Set(caseItem.matches.map(({ category }) => category))],
    ...compact({
      decidedBy,
      proven: isMine
        ? {
            grant,
            proofs: [
              { person: requestedBy, signature: firstSignature },
              { person: decidedBy, signature: secondSignature },
            ],
          }
        : undefined,
    }),
  }
}
