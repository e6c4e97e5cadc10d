/**
 * Imminent danger: somebody may be harmed now. It does not wait for a decision.
 * @module
 */
import type { PersonActor } from "../../platform/auth/actor.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import type { PagerCall, PagerPort } from "../../staff/pager/types.ts"
import type { CasesDeps } from "./ports.ts"
import type { CaseHead } from "./state/head.ts"
import { CLOCK_RULES, knowledgeOfPerson } from "./state/knowledge.ts"
import { applyEvents, lockHead } from "./store.ts"

/** The state of paging somebody about a case. */
export interface CallState {
  readonly onCall: PagerPort["onCall"]
  /** The last call about it; `undefined` if nobody flagged it. */
  readonly call: PagerCall | undefined
}

/**
 * Flags a case, raises an alarm and pages a person, if a pager is set up. A case that is flagged already stays as it
 * is.
 */
export async function flagDanger(deps: CasesDeps, person: PersonActor, caseId: string): Promise<CaseHead> {
  return transact(deps, person.id, async (tx) => {
    const head = await lockHead(tx.trx, caseId)
    return applyDanger(deps, tx, head, person.id)
  })
}

/** As {@link flagDanger}, for a locked case within a transaction. Test cases are ignored: nobody is in danger. */
export async function applyDanger(
  { alarms, pager, clock, clockRules = CLOCK_RULES }: Pick<CasesDeps, "alarms" | "pager" | "clock" | "clockRules">,
  tx: EventTransaction,
  head: CaseHead,
  by: string,
): Promise<CaseHead> {
  if (head.danger || head.kind === "test") return head
  const at = clock.now().toISOString()
  const known = clockRules.danger ? knowledgeOfPerson(head, at) : undefined
  const next = await applyEvents(tx, head.caseId, head, [
    { type: "case.danger-flagged", data: { by, at } },
    ...(known === undefined ? [] : [{ type: "case.knowledge-recorded" as const, data: known }]),
  ])
  await alarms.raise(tx, { code: "imminent-danger", subject: head.caseId })
  await pager.page(tx, { code: "imminent-danger", subject: head.caseId })
  return next
}
