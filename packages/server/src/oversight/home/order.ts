/**
 * Order of the home screen.
 * @module
 */
import type { Due } from "./types.ts"

/** Order of kinds without a deadline: single things before the queue of cases, which has a page of its own. */
const WITHOUT_DEADLINE: readonly Due["kind"][] = [
  "alarm",
  "break-glass",
  "report",
  "approval",
  "request",
  "task",
  "training",
  "list",
  "resolution",
  "second-review",
  "case",
]

/** Orders what is due: imminent danger, then by deadline, then the rest by kind, longest waiting first. */
export function sortDue(due: readonly Due[]): readonly Due[] {
  return due.toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      (a.dueAt?.getTime() ?? 0) - (b.dueAt?.getTime() ?? 0) ||
      a.sinceAt.getTime() - b.sinceAt.getTime() ||
      a.id.localeCompare(b.id),
  )
}

function rankOf({ kind, code, dueAt }: Due): number {
  if (code === "danger" || code === "imminent-danger") return 0
  return dueAt === undefined ? 2 + WITHOUT_DEADLINE.indexOf(kind) : 1
}
