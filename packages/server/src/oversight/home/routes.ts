/**
 * The route of the home screen.
 * @module
 */
import { HomeView } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Home } from "./types.ts"

/** Registers `GET /v1/home`, for everybody who is signed in. */
export function homeRoutes(app: FastifyInstance, { home }: { readonly home: Home }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/home",
    summary:
      "Reads what needs the caller now, what waits, and the state of the installation, without what they may not read.",
    access: { kind: "permission", permission: "self:read" },
    object: { kind: "none", because: "each part is present only for callers with its permission" },
    reply: HomeView,
    handle: ({ actor }) => home.of(personOf(actor)),
  })
}
