/**
 * Decides who may see which case.
 * @module
 */
import type { Actor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { ObjectCheck } from "../../platform/http/route.ts"
import { holderOf } from "./claims/lease.ts"
import type { CasesService } from "./service.ts"

/** Parameters of a route about a case. */
export interface CaseParams {
  readonly caseId: string
}

/** Everybody who may read cases may read the metadata of any case. */
export function caseExists(cases: CasesService): ObjectCheck<CaseParams> {
  return { kind: "check", allows: async (_actor, { caseId }) => (await cases.get(caseId)) !== undefined }
}

/**
 * Opens people's texts about a case to the person who works on it now, to counsel and, once it is to be reported, to
 * reporters.
 */
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

/** Open only to the person who holds the case now. */
export function caseIsHeldBy(cases: CasesService, now: () => Date): ObjectCheck<CaseParams> {
  return {
    kind: "check",
    allows: async (actor, { caseId }) => {
      const head = await cases.get(caseId)
      return head !== undefined && holderOf(head, now()) === actor.id
    },
  }
}
