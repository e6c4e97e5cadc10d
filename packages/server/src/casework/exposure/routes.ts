/**
 * Routes of one's own exposure and of everybody's.
 * @module
 */

import {
  ExposureLimits,
  ExposureLimitsBody,
  ExposureList,
  ExposureView,
  ShiftSummary,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import type { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Exposure, ExposureService } from "./service.ts"

/**
 * Registers routes of one's own exposure (`/v1/me`), for everybody, and of all people's (`/v1/exposure`), for
 * `exposure:read`; setting limits needs `exposure:manage` with a step-up.
 */
export function exposureRoutes(app: FastifyInstance, { exposure }: { readonly exposure: ExposureService }): void {
  const self = { kind: "permission", permission: "self:read" } as const
  const own = { kind: "none", because: "a person's own" } as const
  const everybodys = { kind: "none", because: "it covers counts and limits of everybody" } as const
  const manage = { kind: "permission", permission: "exposure:manage", stepUp: true } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/me/exposure",
    summary: "Counts the caller's viewings of today, and says whether more are possible now.",
    access: self,
    object: own,
    reply: ExposureView,
    handle: async ({ actor }) => toView(await exposure.of(personOf(actor).id)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/me/break",
    summary: "Begins a break. It needs no reason, and nothing counts against it.",
    access: self,
    object: own,
    reply: ExposureView,
    handle: async ({ actor }) => toView(await exposure.startBreak(personOf(actor))),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/me/break/end",
    summary: "Ends the caller's break.",
    access: self,
    object: own,
    reply: ExposureView,
    handle: async ({ actor }) => toView(await exposure.endBreak(personOf(actor))),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/me/shift/end",
    summary: "Ends the caller's day and summarises what was done in it.",
    access: self,
    object: own,
    reply: ShiftSummary,
    handle: async ({ actor }) => {
      const { day, counts, decisions } = await exposure.endShift(personOf(actor))
      return { day, viewings: counts.viewings, minutes: minutesOf(counts.seconds), decisions }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/exposure",
    summary: "Lists each person's viewings of today, and everybody's limits.",
    access: { kind: "permission", permission: "exposure:read" },
    object: everybodys,
    reply: ExposureList,
    handle: async () => {
      const { day, people } = await exposure.people()
      return {
        limits: await exposure.limits.current(),
        people: people.map(({ person, viewings, originals, seconds }) => ({
          person,
          day,
          viewings,
          originals,
          minutes: minutesOf(seconds),
        })),
      }
    },
  })

  addRoute(app, {
    method: "PUT",
    url: "/v1/exposure/limits",
    summary: "Sets everybody's limits; loosening them is recorded.",
    access: manage,
    object: everybodys,
    body: ExposureLimitsBody,
    reply: ExposureLimits,
    handle: async ({ actor, body }) => exposure.limits.set(personOf(actor), compact(body)),
  })
}

function toView(of: Exposure): z.input<typeof ExposureView> {
  const { day, counts, limits, blocked } = of
  return compact({
    day,
    viewings: counts.viewings,
    originals: counts.originals,
    minutes: minutesOf(counts.seconds),
    limits,
    blocked: blocked === undefined ? undefined : { by: blocked.by, until: blocked.until.toISOString() },
    breakDueAt: of.breakDueAt?.toISOString(),
    onBreakUntil: of.onBreakUntil?.toISOString(),
  })
}

function minutesOf(seconds: number): number {
  return Math.round(seconds / 6) / 10
}
