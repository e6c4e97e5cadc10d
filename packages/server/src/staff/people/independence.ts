/**
 * Whether two people count as two. The rule is a function of the history alone.
 * @module
 */
import { DAY_MS } from "@nightlight/core"
import type { Tie, TieKind } from "./types.ts"

/** How long somebody who invited or reset two people keeps those two from counting as two. */
export const COMMON_MAKER_DAYS = 90

/** Ties by which somebody had another person's link in hand. */
const IN_HAND: ReadonlySet<TieKind> = new Set(["made", "reset"])

/** From when on ties to third people matter. */
export function rootsSince(now: Date): Date {
  return new Date(now.getTime() - COMMON_MAKER_DAYS * DAY_MS)
}

/**
 * Whether two people are independent:
 *
 * - they are not the same, and neither ever made, granted a role to or reset the other, either way round;
 * - within 90 days nobody made or reset both, or one of them through people whom they made or reset.
 *
 * Both who granted or reset stand in the history. Set-up's first two administrators, and whom the host's way back in
 * made, have no such tie: the host's codes keep them apart. A tie of a time to come counts.
 *
 * @param ties - Those between the two, and everybody's of the last 90 days.
 */
export function areIndependent(first: string, second: string, ties: Iterable<Tie>, now: Date): boolean {
  if (first === second) return false
  const since = rootsSince(now)
  const makersOf = new Map<string, string[]>()
  for (const { by, person, kind, at } of ties) {
    if ((by === first && person === second) || (by === second && person === first)) return false
    if (at <= since || !IN_HAND.has(kind)) continue
    const makers = makersOf.get(person)
    if (makers === undefined) makersOf.set(person, [by])
    else makers.push(by)
  }
  const others = hands(second, makersOf)
  return [...hands(first, makersOf)].every((person) => !others.has(person))
}

/** A person, and everybody who could be them: who made or reset them, and those who did so to these. */
function hands(person: string, makersOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set([person])
  for (const each of found) for (const maker of makersOf.get(each) ?? []) found.add(maker)
  return found
}
