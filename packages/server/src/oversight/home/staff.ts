/**
 * Trainings, break-glass requests and old lists on the home screen.
 * @module
 */

import { LIST_OLD_DAYS, TRAINING_NOTICE_DAYS } from "@nightlight/contract/server"
import { DAY_MS } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { StaffMember } from "../../staff/people/service.ts"
import type { Due, HomePart, HomePorts } from "./types.ts"

/** Trainings that end soon: one's own and, for people who manage staff, everybody's. */
export async function trainingsPart(
  { people }: Pick<HomePorts, "people">,
  person: PersonActor,
  now: Date,
): Promise<HomePart> {
  const isReviewer = person.roles.has("reviewer") || person.roles.has("senior-reviewer")
  if (!can(person, "person:manage") && !isReviewer) return { due: [], waiting: {} }
  const members = can(person, "person:manage") ? await people.roster() : [await people.get(person.id)]
  return { due: members.flatMap((member) => trainingOf(member, now)), waiting: {} }
}

function trainingOf({ id, joinedAt, deactivatedAt, roles, training, trained }: StaffMember, now: Date): readonly Due[] {
  const reviews = roles.filter(({ role }) => role === "reviewer" || role === "senior-reviewer")
  const [first] = reviews.map(({ grantedAt }) => grantedAt).toSorted((a, b) => a.getTime() - b.getTime())
  if (joinedAt === undefined || deactivatedAt !== undefined || first === undefined) return []
  const due = { kind: "training" as const, id }
  if (training === undefined) return [{ ...due, code: "missing", sinceAt: first }]
  const { renewsAt: dueAt } = training
  if (!trained) return [{ ...due, code: "lapsed", sinceAt: dueAt, dueAt }]
  const sinceAt = new Date(dueAt.getTime() - TRAINING_NOTICE_DAYS * DAY_MS)
  return sinceAt > now ? [] : [{ ...due, code: "renews", sinceAt, dueAt }]
}

/** Waiting break-glass requests, which can be cancelled until they open. */
export async function breakGlassPart(
  { breakGlass }: Pick<HomePorts, "breakGlass">,
  person: PersonActor,
): Promise<HomePart> {
  if (!can(person, "operations:manage")) return { due: [], waiting: {} }
  const waiting = (await breakGlass.list()).filter(({ state }) => state === "waiting")
  const due = waiting.map(({ id, for: { kind: code }, requestedAt: sinceAt, opensAt: dueAt }) => ({
    kind: "break-glass" as const,
    id,
    code,
    sinceAt,
    dueAt,
  }))
  return { due, waiting: {} }
}

/** Lists that their source has not updated for long. */
export async function listsPart(
  { lists }: Pick<HomePorts, "lists">,
  person: PersonActor,
  now: Date,
): Promise<HomePart> {
  if (!can(person, "operations:manage")) return { due: [], waiting: {} }
  const live = (await lists())?.lists ?? []
  const due = live.flatMap(({ name: id, trust, asOf }): readonly Due[] => {
    const sinceAt = asOf === undefined ? Number.NaN : Date.parse(asOf) + LIST_OLD_DAYS * DAY_MS
    // Without a readable date the age is unknown.
    if (trust === "test" || !(sinceAt <= now.getTime())) return []
    return [{ kind: "list", id, code: "old", sinceAt: new Date(sinceAt) }]
  })
  return { due, waiting: {} }
}
