/**
 * The route of insights.
 * @module
 */
import { InsightsQuery, InsightsView } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute } from "../../platform/http/route.ts"
import type { Insights } from "./types.ts"

/** Registers `GET /v1/insights`, for `insights:read`. */
export function insightRoutes(app: FastifyInstance, { insights }: { readonly insights: Insights }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/insights",
    summary: "Counts volume, age, decisions, precision, agreement, report times and exposure over time, from the log.",
    access: { kind: "permission", permission: "insights:read" },
    object: { kind: "none", because: "it counts over everything and names nobody" },
    query: InsightsQuery,
    reply: InsightsView,
    handle: ({ query }) => insights.of(query),
  })
}
