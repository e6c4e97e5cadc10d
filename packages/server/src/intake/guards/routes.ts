import { GuardHeartbeat, GuardHeartbeatAnswer, GuardList } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute } from "../../platform/http/route.ts"
import type { Guards } from "./types.ts"

/** Registers the heartbeat (`/v1/guards/self`, `finding:push`) and the list of guards (`scan:read`). */
export function guardRoutes(app: FastifyInstance, { guards }: { readonly guards: Guards }): void {
  addRoute(app, {
    method: "PUT",
    url: "/v1/guards/self",
    summary: "Receives the heartbeat of the calling guard: every minute, and once when it stops",
    access: { kind: "permission", permission: "finding:push" },
    object: { kind: "none", because: "a key acts for its own source" },
    body: GuardHeartbeat,
    reply: GuardHeartbeatAnswer,
    handle: ({ actor, body }) => guards.hear(actor, body),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/guards",
    summary: "Lists the guards of each source: what they cover, what they counted, and which are late",
    access: { kind: "permission", permission: "scan:read" },
    object: { kind: "none", because: "it shows codes, counts and names of the configuration alone" },
    reply: GuardList,
    handle: ({ actor }) => guards.list(actor),
  })
}
