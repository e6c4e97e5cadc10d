import { DECODING_STATES, ISOLATIONS } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute } from "../../platform/http/route.ts"
import type { Health } from "./state.ts"

const Ready = z.strictObject({
  status: z.enum(["ready", "not-ready"]),
  database: z.enum(["ready", "unreachable", "not-migrated"]),
  disk: z.enum(["ready", "database", "evidence"]),
  custodian: z.enum(["ready", "locked", "no-key", "unreachable"]),
  lists: z.enum(["live", "test-only", "refused", "none"]),
  custody: z.enum(["separated", "shared", "unknown"]),
  isolation: z.enum([...ISOLATIONS, "unknown"]),
  decoding: z.enum(DECODING_STATES),
  custodianIsolation: z.enum([...ISOLATIONS, "unknown"]),
  custodianDecoding: z.enum(DECODING_STATES),
})

/** Probes: whether the process is alive, and whether it can answer calls. */
export function healthRoutes(app: FastifyInstance, { health }: { readonly health: () => Promise<Health> }): void {
  addRoute(app, {
    method: "GET",
    url: "/healthz",
    summary: "Reads whether the process is alive.",
    access: { kind: "public", because: "probes have no key, and learn nothing" },
    object: { kind: "none", because: "it is the same for everybody" },
    reply: z.strictObject({ status: z.literal("alive") }),
    handle: async () => ({ status: "alive" as const }),
  })
  addRoute(app, {
    method: "GET",
    url: "/readyz",
    summary:
      "Reads whether the process can answer calls; 503 if not, also if reports go to production and nothing isolates a decoder (`decoding`: `refused`). Shows whether the custodian is unlocked: cases wait for it, calls do not.",
    access: { kind: "public", because: "probes have no key" },
    object: { kind: "none", because: "it is the same for everybody" },
    reply: Ready,
    handle: async ({ reply }) => {
      const { ready, ...parts } = await health()
      if (ready) return { status: "ready" as const, ...parts }
      // A schema of its own would need a name for 503; the body is the same.
      await reply
        .code(503)
        .type("application/json")
        .send(JSON.stringify({ status: "not-ready", ...parts }))
      return { status: "not-ready" as const, ...parts }
    },
  })
}
