import type { ViewingReason } from "@nightlight/contract/custodian"
import { viewing as say } from "#messages/viewing.ts"

/** Reasons for a viewing, in the order of their number keys. */
export const REASONS = Object.keys(say.why.reasons) as readonly ViewingReason[]

/** The reason given for each case, until the page is reloaded. */
const remembered = new Map<string, ViewingReason>()

/** The reason that the caller gave for a case before. */
export const reasonOf = (caseId: string): ViewingReason | undefined => remembered.get(caseId)

/** Remembers the reason for a case. */
export const rememberReason = (caseId: string, reason: ViewingReason): void => void remembered.set(caseId, reason)
