/**
 * Counts of reviewers by training and date, without names.
 * @module
 */

import { type PeopleCounts, ROLES } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { StaffMember } from "./service.ts"

/** Counts people who can sign in, by role and by training. */
export function countPeople(roster: readonly StaffMember[], at: Date): PeopleCounts {
  const active = roster.filter(({ joinedAt, deactivatedAt }) => joinedAt !== undefined && deactivatedAt === undefined)
  const holds = (person: StaffMember, role: string) => person.roles.some((held) => held.role === role)
  const reviewers = active.filter((person) => holds(person, "reviewer") || holds(person, "senior-reviewer"))
  const trained = reviewers.filter((person) => person.trained)
  const never = reviewers.filter((person) => person.training === undefined)
  const renewals = trained.flatMap(({ training }) => (training === undefined ? [] : [training.renewsAt.toISOString()]))
  const nextRenewal = renewals.toSorted()[0]
  const byRole = ROLES.map((role) => [role, active.filter((person) => holds(person, role)).length] as const)
  return {
    at: at.toISOString(),
    active: active.length,
    deactivated: roster.filter(({ deactivatedAt }) => deactivatedAt !== undefined).length,
    byRole: Object.fromEntries(byRole) as PeopleCounts["byRole"],
    reviewers: compact({
      trained: trained.length,
      lapsed: reviewers.length - trained.length - never.length,
      neverTrained: never.length,
      nextRenewal,
    }),
  }
}
