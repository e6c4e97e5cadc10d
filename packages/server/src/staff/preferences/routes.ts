/**
 * Routes of people's own preferences.
 * @module
 */
import { PreferencesBody, PreferencesView } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { PreferencesService } from "./types.ts"

/** Registers `/v1/me/preferences`, by which everybody reads and changes their own. */
export function preferenceRoutes(
  app: FastifyInstance,
  { preferences }: { readonly preferences: PreferencesService },
): void {
  const access = { kind: "permission", permission: "self:read" } as const
  const object = { kind: "none", because: "these are the caller's own preferences" } as const
  const url = "/v1/me/preferences"
  addRoute(app, {
    method: "GET",
    url,
    access,
    object,
    reply: PreferencesView,
    summary: "Reads the caller's preferences in effect and the organisation's floor",
    handle: ({ actor }) => preferences.of(personOf(actor).id),
  })
  addRoute(app, {
    method: "PUT",
    url,
    access,
    object,
    body: PreferencesBody,
    reply: PreferencesView,
    summary:
      "Sets the theme, the tour, viewing protections no looser than the organisation's floor, or categories whose cases the caller is not given",
    handle: ({ actor, body }) => preferences.set(personOf(actor), body),
  })
}
