/**
 * Converts a case's state to a row and back; the row holds the state and nothing else.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Insertable, Selectable } from "kysely"
import type { CaseTables, Stage } from "../../../platform/db/tables/casework.ts"
import type { CaseHead } from "./head.ts"
import { BANDS, isClockRunning, placeOf } from "./priority.ts"

/** A row of `cases`. */
export type CaseRow = Selectable<CaseTables["cases"]>

/** Converts a state to its row, with the position in the queue that follows from it. */
export function toRow(head: CaseHead): Insertable<CaseTables["cases"]> {
  const { band, sortAt } = placeOf(head)
  const { deciders, decisions, decided, claim, pending } = head
  return {
    case_id: head.caseId,
    kind: head.kind,
    source: head.source,
    group_key: head.group,
    state: head.state,
    version: head.version,
    opened_at: new Date(head.openedAt),
    strength: head.strength,
    items: head.items,
    strengths: JSON.stringify(head.strengths),
    locations: head.locations,
    known_items: head.knownItems,
    lists: [...head.lists],
    categories: [...head.categories],
    danger: head.danger,
    matched_at: toDate(head.matchedAt),
    knowledge_at: toDate(head.knowledgeAt),
    knowledge_by: head.knowledgeBy ?? null,
    due_at: toDate(head.dueAt),
    clock_running: isClockRunning(head),
    alarmed: head.alarmed,
    claimed_by: claim?.by ?? null,
    claimed_until: toDate(claim?.until),
    first_decision: decisions.first ?? null,
    first_decider: deciders.first ?? null,
    second_decision: decisions.second ?? null,
    second_decider: deciders.second ?? null,
    resolution_decision: decisions.resolution ?? null,
    resolution_decider: deciders.resolution ?? null,
    pending_stage: pending?.stage ?? null,
    undo_until: toDate(pending?.undoUntil),
    decided_decision: decided?.decision ?? null,
    basis: decided?.basis ?? null,
    outcome: decided?.outcome ?? null,
    decided_at: toDate(decided?.at),
    second_review: decided?.secondReview ?? null,
    filed_at: toDate(head.filedAt),
    band: BANDS.indexOf(band),
    sort_at: sortAt,
  }
}

/** Converts a row back to its state. */
export function toHead(row: CaseRow): CaseHead {
  const decisions = stages(row.first_decision, row.second_decision, row.resolution_decision)
  return {
    caseId: row.case_id,
    kind: row.kind,
    source: row.source,
    group: row.group_key,
    state: row.state,
    version: row.version,
    openedAt: row.opened_at.toISOString(),
    strength: row.strength,
    items: row.items,
    strengths: row.strengths,
    locations: row.locations,
    knownItems: row.known_items,
    lists: row.lists,
    categories: row.categories,
    danger: row.danger,
    matchedAt: toIso(row.matched_at),
    knowledgeAt: toIso(row.knowledge_at),
    knowledgeBy: row.knowledge_by ?? undefined,
    dueAt: toIso(row.due_at),
    alarmed: row.alarmed,
    claim: claimOf(row),
    deciders: stages(row.first_decider, row.second_decider, row.resolution_decider),
    decisions,
    pending: pendingOf(row, decisions),
    decided: decidedOf(row),
    filedAt: toIso(row.filed_at),
  }
}

function claimOf({ claimed_by, claimed_until }: CaseRow): CaseHead["claim"] {
  if (claimed_by === null || claimed_until === null) return undefined
  return { by: claimed_by, until: claimed_until.toISOString() }
}

function pendingOf({ pending_stage, undo_until }: CaseRow, decisions: CaseHead["decisions"]): CaseHead["pending"] {
  const decision = pending_stage === null ? undefined : decisions[pending_stage]
  if (pending_stage === null || undo_until === null || decision === undefined) return undefined
  return { decision, stage: pending_stage, undoUntil: undo_until.toISOString() }
}

function decidedOf({ decided_decision, basis, outcome, decided_at, second_review }: CaseRow): CaseHead["decided"] {
  if (decided_decision === null || basis === null || outcome === null) return undefined
  if (decided_at === null || second_review === null) return undefined
  return { decision: decided_decision, basis, outcome, at: decided_at.toISOString(), secondReview: second_review }
}

function stages(
  first: string | null,
  second: string | null,
  resolution: string | null,
): Partial<Record<Stage, string>> {
  return compact({
    first: first !== null ? first : undefined,
    second: second !== null ? second : undefined,
    resolution: resolution !== null ? resolution : undefined,
  })
}

function toDate(iso: string | undefined): Date | null {
  return iso === undefined ? null : new Date(iso)
}

function toIso(date: Date | null): string | undefined {
  return date?.toISOString()
}
