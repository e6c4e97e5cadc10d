/**
 * Routes of what people set for themselves.
 * @module
 */
import { PreferencesBody, PreferencesView } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { PreferencesService } from "./types.ts"

/** Routes under `/v1/me/preferences`. */
export function preferenceRoutes(
  app: FastifyInstance,
  { preferences }: { readonly preferences: PreferencesService },
): void {
  const access = { kind: "permission", permission: "self:read" } as const
  const object = { kind: "none", because: "it is the caller's own" } as const
  const url = "/v1/me/preferences"
  addRoute(app, {
    method: "GET",
    url,
    access,
    object,
    reply: PreferencesView,
    summary: "What the caller set for themselves, as it holds, and the organisation's floor",
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
      "Sets the theme, the tour, how the caller views, never looser than the organisation's floor, or the categories whose cases the caller is not given",
    handle: ({ actor, body }) => preferences.set(personOf(actor), body),
  })
}
