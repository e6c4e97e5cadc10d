import { GuardHeartbeat, GuardHeartbeatAnswer, GuardList } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute } from "../../platform/http/route.ts"
import type { Guards } from "./types.ts"

/** Routes under `/v1/guards`. */
export function guardRoutes(app: FastifyInstance, { guards }: { readonly guards: Guards }): void {
  addRoute(app, {
    method: "PUT",
    url: "/v1/guards/self",
    summary: "Send the heartbeat of the calling guard: every minute, and once when it stops",
    access: { kind: "permission", permission: "finding:push" },
    object: { kind: "none", because: "a key speaks for its own source" },
    body: GuardHeartbeat,
    reply: GuardHeartbeatAnswer,
    handle: ({ actor, body }) => guards.hear(actor, body),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/guards",
    summary: "List the guards of each source: what covers what, what they counted, which fell silent",
    access: { kind: "permission", permission: "scan:read" },
    object: { kind: "none", because: "codes, counts and names of the configuration alone" },
    reply: GuardList,
    handle: ({ actor }) => guards.list(actor),
  })
}
