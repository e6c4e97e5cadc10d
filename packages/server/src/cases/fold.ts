/**
 * The whole of a case from its events alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { toCaseEvent } from "./events.ts"
import { applyToHead, type CaseHead } from "./head.ts"

/** A case with what it holds and what was said of it, as the log tells it. */
export interface FoldedCase {
  readonly head: CaseHead | undefined
  /** Places of each find, by its id, in order of attachment. */
  readonly finds: ReadonlyMap<string, readonly string[]>
  /** Ids of the finds that each decision includes, by the decision's id. Undone decisions are left out. */
  readonly judged: ReadonlyMap<string, ReadonlyMap<string, boolean>>
}

/**
 * Folds a case's events, in the log's order.
 *
 * @throws {IntegrityError} `audit_chain_broken` if the first of them does not open the case.
 */
export function foldCase(caseId: string, events: readonly AuditEvent[]): FoldedCase {
  let head: CaseHead | undefined
  const finds = new Map<string, string[]>()
  const judged = new Map<string, Map<string, boolean>>()
  for (const entry of events) {
    const event = toCaseEvent(entry)
    if (event === undefined) continue
    head = applyToHead(head, event, caseId)
    if (event.type === "find.attached") finds.set(event.data.find, [event.data.finding])
    if (event.type === "find.located") finds.get(event.data.find)?.push(event.data.finding)
    if (event.type === "case.decision-given") judged.set(event.data.decision, new Map())
    if (event.type === "find.judged") judged.get(event.data.decision)?.set(event.data.find, event.data.included)
    if (event.type === "case.decision-undone") judged.delete(event.data.decision)
  }
  return { head, finds, judged }
}
