/**
 * The differences between two decisions on a case, which determine whether the reviewers agree.
 * @module
 */
import type { Decision } from "../queries.ts"

/** A field in which two decisions can differ. */
export type Difference = "basis" | "included" | "classification" | "danger"

/** The fields in which two decisions differ. An item that a decision does not name is judged as its basis implies. */
export function differencesOf(first: Decision, second: Decision): readonly Difference[] {
  const ids = new Set([...first.items, ...second.items].map(({ itemId }) => itemId))
  const judged = ({ items: caseItems, basis }: Decision, id: string) =>
    caseItems.find(({ itemId }) => itemId === id) ?? { included: isReportable(basis), classification: undefined }
  const some = (test: (a: ReturnType<typeof judged>, b: ReturnType<typeof judged>) => boolean) =>
    [...ids].some((id) => test(judged(first, id), judged(second, id)))
  return [
    ...(first.basis === second.basis ? [] : (["basis"] as const)),
    ...(some((a, b) => a.included !== b.included) ? (["included"] as const) : []),
    ...(some((a, b) => a.classification !== b.classification) ? (["classification"] as const) : []),
    ...(first.imminentDanger === second.imminentDanger ? [] : (["danger"] as const)),
  ]
}

const isReportable = (basis: string): boolean => basis !== "policy-violation" && basis !== "not-violation"
