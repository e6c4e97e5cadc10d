/**
 * The route of the home screen.
 * @module
 */
import { HomeView } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Home } from "./types.ts"

/** The route of the home screen. */
export function homeRoutes(app: FastifyInstance, { home }: { readonly home: Home }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/home",
    summary:
      "Says what needs the caller now, what waits, and how the installation is; what they may not read is left out.",
    access: { kind: "permission", permission: "self:read" },
    object: { kind: "none", because: "each part is there only for who holds its permission" },
    reply: HomeView,
    handle: ({ actor }) => home.of(personOf(actor)),
  })
}
