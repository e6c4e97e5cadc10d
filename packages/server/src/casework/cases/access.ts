/**
 * Who may see which case.
 * @module
 */
import type { Actor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { ObjectCheck } from "../../platform/http/route.ts"
import { holderOf } from "./claims/lease.ts"
import type { CasesService } from "./service.ts"

/** What names a case in a route. */
export interface CaseParams {
  readonly caseId: string
}

/** Whoever may read cases reads the metadata of any that is there. */
export function caseExists(cases: CasesService): ObjectCheck<CaseParams> {
  return { kind: "check", allows: async (_actor, { caseId }) => (await cases.get(caseId)) !== undefined }
}

/** What was said of a case is for who works on it now, for counsel, and once it is to be reported for those who report. */
export function caseIsOpenTo(cases: CasesService, now: () => Date): ObjectCheck<CaseParams> {
  return {
    kind: "check",
    allows: async (actor: Actor, { caseId }) => {
      const head = await cases.get(caseId)
      if (head === undefined) return false
      if (can(actor, "case:context-unclaimed") || holderOf(head, now()) === actor.id) return true
      return can(actor, "case:context-reportable") && head.decided?.outcome === "reportable"
    },
  }
}

/** Only for who holds the case now. */
export function caseIsHeldBy(cases: CasesService, now: () => Date): ObjectCheck<CaseParams> {
  return {
    kind: "check",
    allows: async (actor, { caseId }) => {
      const head = await cases.get(caseId)
      return head !== undefined && holderOf(head, now()) === actor.id
    },
  }
}
