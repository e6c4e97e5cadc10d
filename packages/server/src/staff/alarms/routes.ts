/**
 * Routes of alarms.
 * @module
 */

import { AlarmList, AlarmQuery, AlarmView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Alarms } from "./service.ts"
import type { Alarm } from "./types.ts"

const AlarmParams = z.strictObject({ alarmId: z.string().max(80) })

/**
 * Registers the routes under `/v1/alarms`: reading needs `alarm:read`, acknowledging and reopening `alarm:acknowledge`.
 */
export function alarmRoutes(app: FastifyInstance, { alarms }: { readonly alarms: Alarms }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/alarms",
    summary: "Lists open alarms, or all, newest first",
    access: { kind: "permission", permission: "alarm:read" },
    object: { kind: "none", because: "alarms belong to the installation" },
    query: AlarmQuery,
    reply: AlarmList,
    handle: async ({ query }) => ({ alarms: (await alarms.list(query.state === "open")).map(toView) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/alarms/:alarmId/acknowledge",
    summary: "Marks an alarm as handled by the caller; it stays in the list of all",
    access: { kind: "permission", permission: "alarm:acknowledge" },
    object: { kind: "none", because: "alarms belong to the installation" },
    params: AlarmParams,
    reply: AlarmView,
    handle: async ({ actor, params }) => toView(await alarms.acknowledge(personOf(actor), params.alarmId)),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/alarms/:alarmId/reopen",
    summary: "Reopens an alarm that was marked as handled",
    access: { kind: "permission", permission: "alarm:acknowledge" },
    object: { kind: "none", because: "alarms belong to the installation" },
    params: AlarmParams,
    reply: AlarmView,
    handle: async ({ actor, params }) => toView(await alarms.reopen(personOf(actor), params.alarmId)),
  })
}

function toView(alarm: Alarm): AlarmView {
  const { id, code, subject, data, raisedAt, lastAt, times, acknowledgedAt, acknowledgedBy } = alarm
  return compact({
    id,
    code,
    subject,
    times,
    data: { ...data },
    raisedAt: raisedAt.toISOString(),
    lastAt: lastAt.toISOString(),
    acknowledgedAt: acknowledgedAt?.toISOString(),
    acknowledgedBy,
  })
}
