import type { ViewingReason } from "@nightlight/contract/custodian"
import { viewing as say } from "#messages/viewing.ts"

/** Reasons in the order of their number keys. */
export const REASONS = Object.keys(say.why.reasons) as readonly ViewingReason[]

/** What was said of each case, until the page is loaded anew. */
const remembered = new Map<string, ViewingReason>()

/** Why the caller looks at a case, if they said so before. */
export const reasonOf = (caseId: string): ViewingReason | undefined => remembered.get(caseId)

/** Keeps the reason for a case. */
export const rememberReason = (caseId: string, reason: ViewingReason): void => void remembered.set(caseId, reason)
