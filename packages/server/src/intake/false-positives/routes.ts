/**
 * Routes of false positives.
 * @module
 */

import {
  FalsePositiveBody,
  FalsePositiveIdText,
  FalsePositiveList,
  FalsePositiveQuery,
  FalsePositiveView,
  ListNameText,
  SuppressionRequested,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { FalsePositives } from "./service.ts"
import type { FalsePositive } from "./types.ts"

const ListParams = z.strictObject({ list: ListNameText })
const Params = z.strictObject({ falsePositiveId: FalsePositiveIdText })

/**
 * Registers the routes under `/v1/false-positives`, and the one that reports a list's match. Suppressing and ending
 * need `false-positive:suppress` with a step-up.
 */
export function falsePositiveRoutes(
  app: FastifyInstance,
  { falsePositives }: { readonly falsePositives: FalsePositives },
): void {
  const idsAlone = { kind: "none", because: "it shows ids and codes alone; a missing one answers not_found" } as const
  const settles = { kind: "permission", permission: "false-positive:suppress", stepUp: true } as const

  addRoute(app, {
    method: "POST",
    url: "/v1/lists/:list/false-positives",
    summary: "Reports a list's match of an item as a false positive; the caller judged the case to be no violation",
    access: { kind: "permission", permission: "false-positive:report" },
    object: { kind: "none", because: "only for a case that the caller decided; others answer forbidden" },
    params: ListParams,
    body: FalsePositiveBody,
    reply: FalsePositiveView,
    status: 201,
    handle: async ({ actor, params, body }) => toView(await falsePositives.open(personOf(actor), params.list, body)),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/false-positives",
    summary: "Lists false positives, newest first",
    access: { kind: "permission", permission: "false-positive:read" },
    object: idsAlone,
    query: FalsePositiveQuery,
    reply: FalsePositiveList,
    handle: async ({ query }) => ({ falsePositives: (await falsePositives.list(query)).map(toView) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/false-positives/:falsePositiveId/withdraw",
    summary: "Withdraws an open false positive",
    access: { kind: "permission", permission: "false-positive:report" },
    object: idsAlone,
    params: Params,
    reply: FalsePositiveView,
    handle: async ({ actor, params }) => toView(await falsePositives.withdraw(personOf(actor), params.falsePositiveId)),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/false-positives/:falsePositiveId/suppression",
    summary: "Requests that our own screening ignores the match; a second person approves it",
    access: settles,
    object: idsAlone,
    params: Params,
    reply: SuppressionRequested,
    status: 202,
    handle: async ({ actor, params }) => {
      const { falsePositive, approval } = await falsePositives.requestSuppression(
        personOf(actor),
        params.falsePositiveId,
      )
      return { falsePositive: toView(falsePositive), approval: { id: approval } }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/false-positives/:falsePositiveId/end",
    summary: "Ends a known false positive: the match counts again from the next item on",
    access: settles,
    object: idsAlone,
    params: Params,
    reply: FalsePositiveView,
    handle: async ({ actor, params }) => toView(await falsePositives.end(personOf(actor), params.falsePositiveId)),
  })
}

function toView({
  bar,
  openedAt,
  changedBy,
  changedAt,
  ...falsePositive
}: FalsePositive): z.input<typeof FalsePositiveView> {
  return {
    ...falsePositive,
    suppression: compact({ possible: bar === undefined, because: bar }),
    openedAt: openedAt.toISOString(),
    ...compact({ changedBy, changedAt: changedAt?.toISOString() }),
  }
}
