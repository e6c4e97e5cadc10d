/**
 * Routes of disputes and false positives.
 * @module
 */

import {
  DisputeBody,
  DisputeIdText,
  DisputeList,
  DisputeQuery,
  DisputeView,
  FalsePositiveRequested,
  ListNameText,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Disputes } from "./service.ts"
import type { Dispute } from "./types.ts"

const ListParams = z.strictObject({ list: ListNameText })
const Params = z.strictObject({ disputeId: DisputeIdText })

/** Routes under `/v1/disputes`, and the one that opens a dispute under its list. */
export function disputeRoutes(app: FastifyInstance, { disputes }: { readonly disputes: Disputes }): void {
  const idsAlone = { kind: "none", because: "ids and codes alone; one that is not there answers not_found" } as const
  const settles = { kind: "permission", permission: "list:false-positive", stepUp: true } as const

  addRoute(app, {
    method: "POST",
    url: "/v1/lists/:list/disputes",
    summary: "Disputes a list's match of an item that the caller judged to be no violation",
    access: { kind: "permission", permission: "list:dispute" },
    object: { kind: "none", because: "only of a case that the caller decided; another's answers forbidden" },
    params: ListParams,
    body: DisputeBody,
    reply: DisputeView,
    status: 201,
    handle: async ({ actor, params, body }) => toView(await disputes.open(personOf(actor), params.list, body)),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/disputes",
    summary: "Lists disputes, newest first",
    access: { kind: "permission", permission: "dispute:read" },
    object: idsAlone,
    query: DisputeQuery,
    reply: DisputeList,
    handle: async ({ query }) => ({ disputes: (await disputes.list(query)).map(toView) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/disputes/:disputeId/withdraw",
    summary: "Takes an open dispute back",
    access: { kind: "permission", permission: "list:dispute" },
    object: idsAlone,
    params: Params,
    reply: DisputeView,
    handle: async ({ actor, params }) => toView(await disputes.withdraw(personOf(actor), params.disputeId)),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/disputes/:disputeId/false-positive",
    summary: "Asks that our own screening passes over the disputed match; a second person decides",
    access: settles,
    object: idsAlone,
    params: Params,
    reply: FalsePositiveRequested,
    status: 202,
    handle: async ({ actor, params }) => {
      const { dispute, approval } = await disputes.requestFalsePositive(personOf(actor), params.disputeId)
      return { dispute: toView(dispute), approval: { id: approval } }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/disputes/:disputeId/end",
    summary: "Ends a false positive: the match counts again from the next item on",
    access: settles,
    object: idsAlone,
    params: Params,
    reply: DisputeView,
    handle: async ({ actor, params }) => toView(await disputes.end(personOf(actor), params.disputeId)),
  })
}

function toView({ bar, openedAt, changedBy, changedAt, ...dispute }: Dispute): z.input<typeof DisputeView> {
  return {
    ...dispute,
    falsePositive: compact({ possible: bar === undefined, because: bar }),
    openedAt: openedAt.toISOString(),
    ...compact({ changedBy, changedAt: changedAt?.toISOString() }),
  }
}
