/**
 * Decides whether two people judged a case alike.
 * @module
 */
import type { ItemId } from "../cases/types.ts"
import { type Decision, isLegalBasis, type JudgedItem } from "./types.ts"

/** Aspects by which two decisions are compared. */
export const DIFFERENCES = ["basis", "included", "classification"] as const
/** One of {@link DIFFERENCES}. */
export type Difference = (typeof DIFFERENCES)[number]

/**
 * Compares two decisions over the items of their case; empty if they agree. Annotations, categories and free text are
 * not compared: annotations that both gave are kept.
 */
export function differences(a: Decision, b: Decision, itemIds: readonly ItemId[]): readonly Difference[] {
  const pairs = itemIds.map((itemId) => [judgementOf(a, itemId), judgementOf(b, itemId)] as const)
  const differ: Readonly<Record<Difference, boolean>> = {
    basis: a.basis !== b.basis,
    included: pairs.some(([one, other]) => one.included !== other.included),
    classification: pairs.some(
      ([one, other]) => one.included && other.included && one.classification !== other.classification,
    ),
  }
  return DIFFERENCES.filter((difference) => differ[difference])
}

/** Gives a decision's judgement of an item, also of one that it does not name. */
export function judgementOf({ basis, items: caseItems }: Decision, itemId: ItemId): JudgedItem {
  const named = caseItems.find((caseItem) => caseItem.itemId === itemId)
  if (named !== undefined) return named
  return {
    itemId,
    included: isLegalBasis(basis),
    classification: undefined,
    category: undefined,
    annotations: [],
  }
}

/** The judgement where two people agree: a report states only what both stated. */
export function agreedJudgement(first: JudgedItem, second: JudgedItem): JudgedItem {
  return {
    ...second,
    category: second.category ?? first.category,
    annotations: second.annotations.filter((annotation) => first.annotations.includes(annotation)),
  }
}
