/**
 * Routes of authorities.
 * @module
 */

import { AuthorityList, ReferralBody, ReferralList, ReferralView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, type ObjectCheck, personOf } from "../../platform/http/route.ts"
import type { Authorities } from "./service.ts"
import type { Referral } from "./types.ts"

/** Dependencies of {@link authorityRoutes}. */
export interface AuthorityRouteDeps {
  readonly authorities: Authorities
  readonly caseExists: (caseId: string) => Promise<boolean>
}

const Params = z.strictObject({ caseId: z.string().max(80) })

/** Registers `/v1/authorities` (`report:read`) and the referrals of a case (`report:prepare` to record one). */
export function authorityRoutes(app: FastifyInstance, { authorities, caseExists }: AuthorityRouteDeps): void {
  const exists: ObjectCheck<z.infer<typeof Params>> = {
    kind: "check",
    allows: (_actor, { caseId }) => caseExists(caseId),
  }
  const read = { kind: "permission", permission: "report:read" } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/authorities",
    summary: "Lists the authorities that a case can be reported to.",
    access: read,
    object: { kind: "none", because: "the list comes from the configuration" },
    reply: AuthorityList,
    handle: async () => ({
      authorities: authorities.list().map(({ page, ...authority }) => ({ ...authority, ...compact({ page }) })),
    }),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/referrals",
    summary: "Lists a case's reports to other authorities.",
    access: read,
    object: exists,
    params: Params,
    reply: ReferralList,
    handle: async ({ params }) => ({ referrals: (await authorities.of(params.caseId)).map(toView) }),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/referrals",
    summary: "Records that a case was reported to another authority manually.",
    access: { kind: "permission", permission: "report:prepare" },
    object: exists,
    params: Params,
    body: ReferralBody,
    reply: ReferralView,
    status: 201,
    handle: async ({ actor, params, body }) => toView(await authorities.refer(personOf(actor), params.caseId, body)),
  })
}

function toView({ madeAt, ...referral }: Referral): z.input<typeof ReferralView> {
  return { ...referral, madeAt: madeAt.toISOString() }
}
