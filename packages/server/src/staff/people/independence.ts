/**
 * Decides whether two people are independent of each other, from the history of their accounts alone.
 * @module
 */
import { DAY_MS } from "@nightlight/core"
import type { PersonRelation, RelationKind } from "./types.ts"

/** How long two people do not count as two after the same person invited or reset both. */
export const COMMON_MAKER_DAYS = 90

/** Relations by which one person held another person's link. */
const IN_HAND: ReadonlySet<RelationKind> = new Set(["made", "reset"])

/** Start of the period in which relations to third people matter. */
export function rootsSince(now: Date): Date {
  return new Date(now.getTime() - COMMON_MAKER_DAYS * DAY_MS)
}

/**
 * Whether two people are independent:
 *
 * - they are not the same, and neither ever made, granted a role to or reset the other;
 * - within 90 days nobody made or reset both, directly or through people whom they made or reset.
 *
 * The requester and the approver of a grant or reset both have a relation. The first two administrators of the set-up, and
 * people made by break-glass access, have none: the host's codes keep them apart. A relation dated in the future counts.
 *
 * @param relations - Relations between the two, and all relations of the last 90 days.
 */
export function areIndependent(first: string, second: string, relations: Iterable<PersonRelation>, now: Date): boolean {
  if (first === second) return false
  const since = rootsSince(now)
  const makersOf = new Map<string, string[]>()
  for (const { by, person, kind, at } of relations) {
    if ((by === first && person === second) || (by === second && person === first)) return false
    if (at <= since || !IN_HAND.has(kind)) continue
    const makers = makersOf.get(person)
    if (makers === undefined) makersOf.set(person, [by])
    else makers.push(by)
  }
  const others = hands(second, makersOf)
  return [...hands(first, makersOf)].every((person) => !others.has(person))
}

/** A person, and everybody who could act as them: those who made or reset them, and so on in turn. */
function hands(person: string, makersOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set([person])
  for (const each of found) for (const maker of makersOf.get(each) ?? []) found.add(maker)
  return found
}
