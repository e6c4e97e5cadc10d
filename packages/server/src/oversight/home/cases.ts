/**
 * Cases on the home screen.
 * @module
 */

import { HOME_DUE_MAX } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import { holderOf } from "../../casework/cases/claims/lease.ts"
import type { CaseHead } from "../../casework/cases/state/head.ts"
import { isClockRunning } from "../../casework/cases/state/priority.ts"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { CaseState } from "../../platform/db/tables/casework.ts"
import type { Due, HomePart, HomePorts } from "./types.ts"

type Waits = Extract<CaseState, "open" | "second-review" | "resolution">

/** Cases that the person may decide, and the number of waiting cases. */
export async function casesPart(
  { cases }: Pick<HomePorts, "cases">,
  person: PersonActor,
  now: Date,
): Promise<HomePart> {
  const states: Waits[] = []
  if (can(person, "case:review")) states.push("open")
  if (can(person, "case:second-review")) states.push("second-review")
  if (can(person, "case:review") && can(person, "case:resolve")) states.push("resolution")
  const [heads, counts] = await Promise.all([
    cases.dueFor({ person: person.id, states, limit: HOME_DUE_MAX + 1 }),
    can(person, "case:read") ? cases.counts(person.id) : undefined,
  ])
  const due = heads.map((head) => toDue(head, person.id, now))
  if (counts === undefined) return { due, waiting: {} }
  const { byState, overdue, nextDueAt, claimedByMe } = counts
  const { open, "second-review": secondReview, resolution } = byState
  return {
    due,
    waiting: {
      cases: compact({
        waiting: open + secondReview + resolution,
        open,
        secondReview,
        resolution,
        overdue,
        claimedByMe,
        nextDueAt: nextDueAt?.toISOString(),
      }),
    },
  }
}

function toDue(head: CaseHead, person: string, now: Date): Due {
  const { caseId, state, openedAt, dueAt } = head
  const isTimed = isClockRunning(head) && dueAt !== undefined
  const isMine = holderOf(head, now) === person
  return compact({
    kind: state === "second-review" || state === "resolution" ? state : "case",
    id: caseId,
    code: head.danger ? "danger" : isMine ? "claimed" : isTimed ? "due" : "waiting",
    sinceAt: new Date(openedAt),
    dueAt: isTimed ? new Date(dueAt) : undefined,
  })
}
