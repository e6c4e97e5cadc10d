/**
 * Access to one case, which routes of preservation share.
 * @module
 */
import { z } from "zod"
import type { ObjectCheck } from "../../platform/http/route.ts"

/** Parameters of a route about a case. */
export const CaseParams = z.strictObject({ caseId: z.string().max(80) })

/** Dependencies of {@link caseCheck}, and so of every route about a case. */
export interface CaseAccess {
  readonly caseExists: (caseId: string) => Promise<boolean>
}

/** Answers `not_found` for a case that does not exist. */
export function caseCheck({ caseExists }: CaseAccess): ObjectCheck<z.infer<typeof CaseParams>> {
  return { kind: "check", allows: (_actor, { caseId }) => caseExists(caseId) }
}
