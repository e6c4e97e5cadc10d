import type { LookReason } from "@nightlight/contract/custodian"
import { looking as say } from "#messages/looking.ts"

/** Reasons in the order of their number keys. */
export const REASONS = Object.keys(say.why.reasons) as readonly LookReason[]

/** What was said of each case, until the page is loaded anew. */
const remembered = new Map<string, LookReason>()

/** Why the caller looks at a case, if they said so before. */
export const reasonOf = (caseId: string): LookReason | undefined => remembered.get(caseId)

/** Keeps the reason for a case. */
export const rememberReason = (caseId: string, reason: LookReason): void => void remembered.set(caseId, reason)
