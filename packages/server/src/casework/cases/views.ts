/**
 * Cases as the API shows them.
 * @module
 */

import type {
  CaseDetail as CaseDetailSchema,
  CaseHistory as CaseHistorySchema,
  CaseItemView,
  CaseSummary,
  ItemContext as ItemContextSchema,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { z } from "zod"
import { holderOf } from "./claims/lease.ts"
import type { CaseHead } from "./state/head.ts"
import { isClockRunning, placeOf, reasonsOf } from "./state/priority.ts"
import type { CaseItem, OpenedLocation } from "./types.ts"

type CaseDetail = z.input<typeof CaseDetailSchema>
type CaseHistory = z.input<typeof CaseHistorySchema>
type ItemContext = z.input<typeof ItemContextSchema>

/** Converts a case to the view in lists. An expired claim is left out. */
export function toSummary(head: CaseHead, now: Date): CaseSummary {
  const by = holderOf(head, now)
  const {
    caseId,
    kind,
    state,
    version,
    source,
    openedAt,
    items: caseItems,
    locations,
    knownItems,
    danger,
    decided,
  } = head
  return {
    caseId,
    kind,
    state,
    version,
    band: placeOf(head).band,
    reasons: [...reasonsOf(head, now)],
    source,
    openedAt,
    items: caseItems,
    strengths: { ...head.strengths },
    locations,
    knownItems,
    lists: [...head.lists],
    categories: [...head.categories],
    danger,
    ...compact({ matchedAt: head.matchedAt, dueAt: head.dueAt }),
    clockRunning: isClockRunning(head),
    ...compact({
      claim: by !== undefined && head.claim !== undefined ? { by, until: head.claim.until } : undefined,
      decided: decided === undefined ? undefined : decidedView(decided),
      filedAt: head.filedAt,
    }),
  }
}

function decidedView({ basis, outcome, at, secondReview }: NonNullable<CaseHead["decided"]>) {
  return { basis, outcome, at, secondReview }
}

/** A case as one person sees it. */
export function toDetail(head: CaseHead, viewer: string, now: Date): CaseDetail {
  const { knowledgeAt, knowledgeBy, pending } = head
  const own = pending !== undefined && head.deciders[pending.stage] === viewer
  const hidden = knowledgeBy === "person" && !isBlindOver(head)
  return {
    ...toSummary(head, now),
    ...compact({
      knowledge:
        knowledgeAt !== undefined && knowledgeBy !== undefined && !hidden
          ? { at: knowledgeAt, by: knowledgeBy }
          : undefined,
      undoUntil: own ? pending.undoUntil : undefined,
    }),
    mine: holderOf(head, now) === viewer,
  }
}

/** Whether everybody may see the decision, because nobody has to judge without knowing it any more. */
export function isBlindOver({ state, pending }: CaseHead): boolean {
  return state === "decided" || state === "resolution" || pending?.stage === "resolution"
}

/** An item as the API shows it: which lists matched, never which entry. */
export function toItemView(caseItem: CaseItem): CaseItemView {
  const { itemId, position, strength, mediaType, sizeBytes, digests, verdict, rule, matches, evidence, knownCase } =
    caseItem
  return {
    itemId,
    position,
    strength,
    mediaType,
    sizeBytes,
    digests,
    verdict,
    rule,
    locations: caseItem.locations,
    matches: [...matches],
    ...compact({ evidence, knownCase }),
    attachedAt: caseItem.attachedAt.toISOString(),
  }
}

/** Of each opened place, its matches and where it was found. `scan`, `shard` and `ordinal` are absent unless known. */
export function toContextView(locations: readonly OpenedLocation[]): ItemContext {
  return {
    locations: locations.map(({ findingId, source, scan, foundAt, context }) => ({
      findingId,
      source,
      foundAt: foundAt.toISOString(),
      matches: [...context.matches],
      found: context.found,
      ...compact({ scan, shard: context.shard, ordinal: context.ordinal }),
    })),
  }
}

/**
 * Events that everybody may see before the case is decided, because they reveal nothing of a decision. Other types are
 * shown only to the person who caused them.
 */
const UNTELLING: ReadonlySet<string> = new Set([
  "case.opened",
  "case.claimed",
  "case.claim-renewed",
  "case.released",
  "case.deadline-neared",
  "case.second-review-requested",
  "item.attached",
  "item.located",
  "item.evidence-added",
  "item.evidence-replaced",
  "finding.verified",
  "evidence.received",
  "context.read",
  "hold.placed",
  "hold.lifted",
  "request.case-linked",
  "viewing.requested",
  "viewing.shown",
  "viewing.ended",
  "viewing.failed",
  "original.requested",
])

/**
 * Converts a case's events to the history that one person may see. Before the case is decided, this excludes other
 * people's decisions and the reasons for a second review, which follow from them.
 */
export function toHistory(head: CaseHead, events: readonly AuditEvent[], viewer: string): CaseHistory {
  const open = isBlindOver(head)
  const isShown = ({ type, data, actor }: AuditEvent) =>
    open ||
    actor === viewer ||
    UNTELLING.has(type) ||
    (type === "case.knowledge-recorded" && data["how"] === "trusted-match")
  return {
    events: events.filter(isShown).map(({ at, type, actor, data }) => {
      const isReason = !open && (REASONED.has(type) || (actor !== viewer && VIEWED.test(type)))
      return { at, type, actor, data: isReason ? {} : { ...data } }
    }),
  }
}

/** Events whose data give reasons, which follow from a decision. */
const REASONED: ReadonlySet<string> = new Set(["case.second-review-requested"])
/** A viewing is no secret, but its purpose, such as a report, would be one. */
const VIEWED = /^(?:viewing|original)\./
