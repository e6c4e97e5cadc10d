import type { DueItem, HomeView } from "@nightlight/contract/server"

/** Kinds of case with a page of their own: ordinary ones are summarised in one line. */
const QUEUED = ["case", "second-review", "resolution"] as const

/** A kind whose entries can be summarised in one line. */
export type Queued = (typeof QUEUED)[number]

/** A line of the worklist: one entry, or the number of waiting entries of a kind. */
export type DueLine =
  | { readonly item: DueItem }
  | {
      readonly kind: Queued
      /** The first of them in the list. */
      readonly first: DueItem
      readonly count: number
      /** Whether there may be more than `count`. */
      readonly orMore: boolean
    }

const FEW = 2

/**
 * The lines of the worklist, in its order. More than two ordinary cases of a kind become one line in the place of the
 * first.
 */
export function dueLines({
  danger,
  due: all,
  dueMore,
}: Pick<HomeView, "danger" | "due" | "dueMore">): readonly DueLine[] {
  const pinned = new Set(danger.map(({ caseId }) => caseId))
  // Entries that the danger list shows are left out.
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
