import type { DueItem, HomeView } from "@nightlight/contract/server"

/** Kinds of cases: their queue has a page of its own, so those with nothing special to them are one line here. */
const QUEUED = ["case", "second-review", "resolution"] as const

/** A kind whose entries can be one line. */
export type Queued = (typeof QUEUED)[number]

/** What one line of the list shows: one thing, or how many of one kind wait. */
export type DueLine =
  | { readonly item: DueItem }
  | {
      readonly kind: Queued
      /** The first of them. */
      readonly first: DueItem
      readonly count: number
      /** Whether there may be more than were counted. */
      readonly orMore: boolean
    }

const FEW = 2

/** Lines in the order of what is due; more than two ordinary cases of a kind are one line, where the first of them stands. */
export function dueLines({
  danger,
  due: all,
  dueMore,
}: Pick<HomeView, "danger" | "due" | "dueMore">): readonly DueLine[] {
  const pinned = new Set(danger.map(({ caseId }) => caseId))
  // What stands above the list does not stand in it again.
  const due = all.filter(
    ({ id, about, code }) =>
      !((code === "danger" && pinned.has(id)) || (code === "imminent-danger" && pinned.has(about ?? ""))),
  )
  const queued = Map.groupBy(due.filter(isOrdinary), ({ kind }) => kind)
  return due.flatMap((item): readonly DueLine[] => {
    const { kind } = item
    const alike = isOrdinary(item) ? (queued.get(kind) ?? []) : []
    if (!isQueued(kind) || alike.length <= FEW) return [{ item }]
    return alike[0] === item ? [{ kind, first: item, count: alike.length, orMore: dueMore }] : []
  })
}

function isOrdinary({ kind, code }: DueItem): boolean {
  return isQueued(kind) && code !== "danger" && code !== "claimed"
}

function isQueued(kind: DueItem["kind"]): kind is Queued {
  return (QUEUED as readonly string[]).includes(kind)
}
