/**
 * Reports, approvals, alarms, requests of authorities and tasks on the home screen.
 * @module
 */

import { compact } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { Alarm } from "../../staff/alarms/types.ts"
import type { HomePart, HomePorts } from "./types.ts"

const TASKS_SHOWN = 200
const NOTHING: HomePart = { due: [], waiting: {} }

/** Reports that wait for the person. */
export async function reportsPart({ reports }: Pick<HomePorts, "reports">, person: PersonActor): Promise<HomePart> {
  const [due, counts] = await Promise.all([
    reports.due(person),
    can(person, "report:read") ? reports.counts() : undefined,
  ])
  return {
    due: due.map((report) => ({ kind: "report" as const, ...report })),
    waiting: compact({ reports: counts }),
  }
}

/** Approvals that the person may approve. */
export async function approvalsPart(
  { approvals }: Pick<HomePorts, "approvals">,
  person: PersonActor,
): Promise<HomePart> {
  if (!can(person, "approval:read")) return NOTHING
  const listed = await approvals.list(person, "waiting")
  const due = listed
    .filter(({ mayApprove }) => mayApprove)
    .map(({ approval: { id, kind: code, requestedAt: sinceAt, expiresAt: dueAt } }) => ({
      kind: "approval" as const,
      id,
      code,
      sinceAt,
      dueAt,
    }))
  return { due, waiting: { approvals: { waiting: listed.length, mayApprove: due.length } } }
}

/** Open alarms, for people with `alarm:read`; nothing for others. */
export async function alarmsPart(openAlarms: Promise<readonly Alarm[]>, person: PersonActor): Promise<HomePart> {
  if (!can(person, "alarm:read")) return NOTHING
  const open = await openAlarms
  const due = open.map(({ id, code, subject: about, raisedAt: sinceAt, times: count }) => ({
    kind: "alarm" as const,
    id,
    code,
    about,
    sinceAt,
    count,
  }))
  return { due: can(person, "alarm:acknowledge") ? due : [], waiting: { alarms: { open: open.length } } }
}

/** Open requests of authorities. */
export async function requestsPart(
  { requests }: Pick<HomePorts, "requests">,
  person: PersonActor,
  now: Date,
): Promise<HomePart> {
  if (!can(person, "request:read")) return NOTHING
  const open = await requests.list({ state: "open" })
  const due = open.map(({ requestId: id, kind: code, receivedAt: sinceAt, dueAt }) => ({
    kind: "request" as const,
    id,
    code,
    sinceAt,
    dueAt,
  }))
  const overdue = due.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now).length
  return {
    due: can(person, "request:manage") ? due : [],
    waiting: { requests: { open: open.length, overdue } },
  }
}

/** Open tasks for people. */
export async function tasksPart({ tasks }: Pick<HomePorts, "tasks">, person: PersonActor): Promise<HomePart> {
  if (!can(person, "operations:read")) return NOTHING
  const open = await tasks.open(TASKS_SHOWN)
  const due = open.map(({ id, kind: code, subject: about, openedAt: sinceAt }) => ({
    kind: "task" as const,
    id,
    code,
    about,
    sinceAt,
  }))
  return { due: can(person, "operations:manage") ? due : [], waiting: { tasks: { open: open.length } } }
}
