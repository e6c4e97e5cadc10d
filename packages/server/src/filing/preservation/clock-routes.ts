/**
 * Routes of the clock guard.
 * @module
 */
import { Done, PreservationClock } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { addRoute, needs, personOf } from "../../platform/http/route.ts"
import type { ClockGuard } from "./clock-guard.ts"

const DONE = { done: true } as const

/** Registers the clock's state and its confirmation by a person, which needs a step-up. */
export function clockRoutes(app: FastifyInstance, { guard }: { readonly guard: ClockGuard }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/preservation/clock",
    summary: "Reads whether the clock may end preservations.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "there is one clock" },
    reply: PreservationClock,
    handle: async () => {
      const { seenAt, suspendedAt } = await guard.state()
      return compact({
        seenAt: seenAt?.toISOString(),
        suspendedAt: suspendedAt?.toISOString(),
      })
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/preservation/clock/confirm",
    summary: "Confirms the clock after a jump.",
    access: needs("preservation:hold", "step-up"),
    object: { kind: "none", because: "there is one clock" },
    reply: Done,
    handle: async ({ actor }) => {
      await guard.confirm(personOf(actor).id)
      return DONE
    },
  })
}
