import { ListsView } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute } from "../../platform/http/route.ts"

/** Registers `GET /v1/lists`, for `list:read`. It shows no entry. */
export function listRoutes(app: FastifyInstance, { lists }: { readonly lists: () => Promise<ListsView> }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/lists",
    summary: "Lists the lists of the live index, with their age, their terms, and the outcomes of their matches",
    access: { kind: "permission", permission: "list:read" },
    object: { kind: "none", because: "it shows names, counts, dates and terms, never an entry" },
    reply: ListsView,
    handle: lists,
  })
}
