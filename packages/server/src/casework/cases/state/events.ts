/**
 * The events of a case, which make up its whole state. Their subject is the case's id; times are in the data, so that a
 * projection of the log gives exactly the state that was written beside it.
 * @module
 */
import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import type { Basis, CaseKind, Outcome, Stage, Strength } from "../../../platform/db/tables/casework.ts"

/** Data of each event of a case. Times are ISO 8601 in UTC with milliseconds. */
export interface CaseEventData {
  "case.opened": { kind: CaseKind; source: string; group: string; at: string }
  "item.attached": {
    item: string
    finding: string
    source: string
    itemKey: string
    strength: Strength
    lists: readonly string[]
    categories: readonly string[]
    evidence?: string
    content?: "verified" | "absent"
    /** The case in which the same item was decided before. */
    known?: string
    /** Digests of the rest of its row, of its sealed file and of its first place: see `row-digest.ts`. */
    row: string
    file?: string
    place: string
    at: string
  }
  /** One more place of an item that the case already has. */
  "item.located": {
    item: string
    finding: string
    source: string
    strength: Strength
    /** The item's strength before this place was known. */
    before: Strength
    lists: readonly string[]
    categories: readonly string[]
    /** The sealed piece that came with this place. */
    evidence?: string
    /** Digest of the rest of its row. */
    place: string
    at: string
  }
  /** One more sealed piece that came with a known place. */
  "item.evidence-added": { item: string; evidence: string }
  /** The content of an item that had none before. */
  "item.evidence-replaced": { item: string; evidence: string; file: string }
  "case.claimed": { by: string; until: string }
  "case.claim-renewed": { until: string }
  "case.released": { by: string }
  "case.danger-flagged": { by: string; at: string }
  /** An exact match of a trusted list was verified, or a person decided that it is an apparent violation. */
  "case.knowledge-recorded": { how: "trusted-match" | "person"; at: string; dueAt: string }
  "case.deadline-neared": { percent: number }
  "case.decision-given": {
    decision: string
    stage: Stage
    by: string
    basis: Basis
    danger: boolean
    category?: string
    annotations: readonly string[]
    /** Id of the rationale template, if one was chosen, and the locale in which it was read. */
    template?: string
    locale?: string
    /** Whether a second opinion was requested. */
    requestsSecondReview: boolean
    at: string
    undoUntil: string
  }
  /** A decision's judgement of one item. */
  "item.judged": {
    decision: string
    item: string
    included: boolean
    classification?: string
    category?: string
    annotations: readonly string[]
  }
  "case.decision-undone": { decision: string; by: string }
  "case.second-review-requested": { decision: string; why: readonly string[]; dueAt: string }
  "case.second-review-waived": { by: string; reason: string }
  "case.disagreed": { first: string; second: string; differ: readonly string[] }
  "case.decided": {
    decision: string
    basis: Basis
    outcome: Outcome
    by: string
    secondReview: "none" | "agreed" | "resolved" | "waived"
    at: string
  }
  "case.filed": { report: string; at: string }
}

/** Type of an event of a case. */
export type CaseEventType = keyof CaseEventData

/** An event of a case. */
export type CaseEvent = {
  readonly [T in CaseEventType]: { readonly type: T; readonly data: CaseEventData[T] }
}[CaseEventType]

const TYPES: Readonly<Record<CaseEventType, true>> = {
  "case.opened": true,
  "item.attached": true,
  "item.located": true,
  "item.evidence-added": true,
  "item.evidence-replaced": true,
  "case.claimed": true,
  "case.claim-renewed": true,
  "case.released": true,
  "case.danger-flagged": true,
  "case.knowledge-recorded": true,
  "case.deadline-neared": true,
  "case.decision-given": true,
  "item.judged": true,
  "case.decision-undone": true,
  "case.second-review-requested": true,
  "case.second-review-waived": true,
  "case.disagreed": true,
  "case.decided": true,
  "case.filed": true,
}

/** Types of all events that change a case's state. */
export const CASE_EVENT_TYPES = Object.keys(TYPES)

/** Reads an event of the log; `undefined` for one that does not change a case's state, such as a viewing. */
export function toCaseEvent({ type, data }: AuditEvent): CaseEvent | undefined {
  if (!Object.hasOwn(TYPES, type)) return undefined
  // The log's chain was checked when the line was read, and this module alone gives these types their data.
  return { type, data } as unknown as CaseEvent
}

/** The data of an event in the form that the log takes. */
export function toAuditData(event: CaseEvent): AuditData {
  return { ...event.data }
}
