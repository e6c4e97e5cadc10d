/**
 * A case as the projection of its events: everything that lists, claims and decisions need, without its items.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import {
  type Basis,
  type CaseKind,
  type CaseState,
  type Outcome,
  STRENGTHS,
  type Stage,
  type Strength,
  type StrengthCounts,
} from "../../../platform/db/tables/casework.ts"
import type { CaseEvent, CaseEventData } from "./events.ts"

/** A case's state. Times are ISO 8601 in UTC with milliseconds. */
export interface CaseHead {
  readonly caseId: string
  readonly kind: CaseKind
  /** The source that pushed its first item. */
  readonly source: string
  /** Items of one group join one open case; keyed digests alone. */
  readonly group: string
  readonly state: CaseState
  /** Changes with everything that a person must have seen before they decide. */
  readonly version: number
  readonly openedAt: string
  /** Strength of its strongest item. */
  readonly strength: Strength
  readonly items: number
  /** Number of {@link items} of each strength. */
  readonly strengths: StrengthCounts
  /** Places of all items together, at least {@link items}. */
  readonly locations: number
  /** Items that were decided before in another case. */
  readonly knownItems: number
  /** Names, sorted. */
  readonly lists: readonly string[]
  readonly categories: readonly string[]
  readonly danger: boolean
  /** When the first exact match of a trusted list was verified. */
  readonly matchedAt: string | undefined
  readonly knowledgeAt: string | undefined
  readonly knowledgeBy: "trusted-match" | "person" | undefined
  readonly dueAt: string | undefined
  /** Share of the time to the deadline, in percent, for which the last alarm was raised; 0 for none. */
  readonly alarmed: number
  /** The last claim; whether it is live depends on the time. */
  readonly claim: { readonly by: string; readonly until: string } | undefined
  /** Who gave the decision at each stage. */
  readonly deciders: Readonly<Partial<Record<Stage, string>>>
  readonly decisions: Readonly<Partial<Record<Stage, string>>>
  /** The decision that may still be undone. */
  readonly pending: { readonly decision: string; readonly stage: Stage; readonly undoUntil: string } | undefined
  readonly decided:
    | {
        readonly decision: string
        readonly basis: Basis
        readonly outcome: Outcome
        readonly at: string
        readonly secondReview: CaseEventData["case.decided"]["secondReview"]
      }
    | undefined
  readonly filedAt: string | undefined
}

const NO_ITEMS: StrengthCounts = { exact: 0, near: 0, unverified: 0, other: 0, test: 0 }

const STATE_BEFORE: Readonly<Record<Stage, CaseState>> = {
  first: "open",
  second: "second-review",
  resolution: "resolution",
}

/** Applies one event. Pure: the given head is not changed. */
export function applyToHead(head: CaseHead | undefined, event: CaseEvent, caseId: string): CaseHead {
  if (event.type === "case.opened") return opened(caseId, event.data)
  if (head === undefined) throw new IntegrityError("audit_chain_broken", "the first event of a case must open it")
  const next = applied(head, event)
  return QUIET.has(event.type) ? next : { ...next, version: head.version + 1 }
}

/**
 * Events that do not change the version: a person who decides need not have seen them, or their count alone would
 * reveal the first decision to the second reviewer.
 */
const QUIET: ReadonlySet<string> = new Set<CaseEvent["type"]>([
  "item.located",
  "item.evidence-added",
  "item.evidence-replaced",
  "case.claim-renewed",
  "case.deadline-neared",
  "case.danger-flagged",
  "case.knowledge-recorded",
  "item.judged",
])

function opened(caseId: string, { kind, source, group, at }: CaseEventData["case.opened"]): CaseHead {
  return {
    caseId,
    kind,
    source,
    group,
    state: "open",
    version: 1,
    openedAt: at,
    strength: kind === "test" ? "test" : "other",
    items: 0,
    strengths: NO_ITEMS,
    locations: 0,
    knownItems: 0,
    lists: [],
    categories: [],
    danger: false,
    alarmed: 0,
    matchedAt: undefined,
    knowledgeAt: undefined,
    knowledgeBy: undefined,
    dueAt: undefined,
    claim: undefined,
    deciders: {},
    decisions: {},
    pending: undefined,
    decided: undefined,
    filedAt: undefined,
  }
}

function applied(head: CaseHead, event: Exclude<CaseEvent, { type: "case.opened" }>): CaseHead {
  switch (event.type) {
    case "item.attached":
      return withItem(head, event.data)
    case "item.located":
      return {
        ...withSignals(head, event.data),
        strengths: moved(head.strengths, event.data.before, stronger(event.data.before, event.data.strength)),
        locations: head.locations + 1,
      }
    case "case.claimed":
      return { ...head, claim: { by: event.data.by, until: event.data.until } }
    case "case.claim-renewed":
      return { ...head, claim: head.claim && { ...head.claim, until: event.data.until } }
    case "case.released":
      return { ...head, claim: undefined }
    case "case.danger-flagged":
      return { ...head, danger: true }
    case "case.knowledge-recorded":
      return withKnowledge(head, event.data)
    case "case.deadline-neared":
      return { ...head, alarmed: event.data.percent }
    case "case.decision-given":
      return withDecision(head, event.data)
    case "item.judged":
    case "item.evidence-added":
    case "item.evidence-replaced":
    case "case.second-review-waived":
      return head
    case "case.decision-undone":
      return withoutPending(head)
    case "case.second-review-requested": {
      const dueAt = earliest(head.dueAt, event.data.dueAt)
      return { ...head, state: "second-review", pending: undefined, claim: undefined, dueAt }
    }
    case "case.disagreed":
      return { ...head, state: "resolution", pending: undefined, claim: undefined }
    case "case.decided": {
      const { decision, basis, outcome, at, secondReview } = event.data
      const decided = { decision, basis, outcome, at, secondReview }
      return { ...head, state: "decided", pending: undefined, claim: undefined, decided }
    }
    case "case.filed":
      return { ...head, filedAt: event.data.at }
    default:
      return event satisfies never
  }
}

function withItem(head: CaseHead, data: CaseEventData["item.attached"]): CaseHead {
  return {
    ...withSignals(head, data),
    items: head.items + 1,
    strengths: { ...head.strengths, [data.strength]: head.strengths[data.strength] + 1 },
    locations: head.locations + 1,
    knownItems: head.knownItems + (data.known === undefined ? 0 : 1),
  }
}

function withSignals(head: CaseHead, data: CaseEventData["item.located"] | CaseEventData["item.attached"]): CaseHead {
  return {
    ...head,
    strength: stronger(head.strength, data.strength),
    lists: union(head.lists, data.lists),
    categories: union(head.categories, data.categories),
  }
}

function withKnowledge(head: CaseHead, { how, at, dueAt }: CaseEventData["case.knowledge-recorded"]): CaseHead {
  const matchedAt = how === "trusted-match" ? earliest(head.matchedAt, at) : head.matchedAt
  if (head.knowledgeAt !== undefined && head.knowledgeAt <= at) return { ...head, matchedAt }
  return { ...head, matchedAt, knowledgeAt: at, knowledgeBy: how, dueAt: earliest(head.dueAt, dueAt) }
}

function withDecision(head: CaseHead, data: CaseEventData["case.decision-given"]): CaseHead {
  const { decision, stage, by, undoUntil } = data
  return {
    ...head,
    state: "settling",
    pending: { decision, stage, undoUntil },
    deciders: { ...head.deciders, [stage]: by },
    decisions: { ...head.decisions, [stage]: decision },
  }
}

function withoutPending(head: CaseHead): CaseHead {
  if (head.pending === undefined) return head
  const { stage } = head.pending
  const { [stage]: _person, ...deciders } = head.deciders
  const { [stage]: _decision, ...decisions } = head.decisions
  return { ...head, state: STATE_BEFORE[stage], pending: undefined, deciders, decisions }
}

function moved(counts: StrengthCounts, from: Strength, to: Strength): StrengthCounts {
  if (from === to) return counts
  return { ...counts, [from]: counts[from] - 1, [to]: counts[to] + 1 }
}

/** Returns the stronger of two, by the order of `STRENGTHS`. */
export function stronger(a: Strength, b: Strength): Strength {
  return STRENGTHS.indexOf(a) <= STRENGTHS.indexOf(b) ? a : b
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].toSorted()
}

function earliest(a: string | undefined, b: string): string {
  return a === undefined || b < a ? b : a
}
