/**
 * Authorities over HTTP.
 * @module
 */
import { z } from "zod"
import { OpaqueId } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"

const AuthorityId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

/** An authority that a case can be reported to. */
export const AuthorityView = z.strictObject({
  id: AuthorityId,
  name: z.string(),
  /** `built`: the server files by itself; `manual`: a person files and records it here. */
  filing: z.enum(["built", "manual"]),
  page: z.string().exactOptional(),
})
/** `GET /v1/authorities` answer. */
export const AuthorityList = z.strictObject({ authorities: z.array(AuthorityView) })

/** `POST /v1/cases/:caseId/referrals` body. */
export const ReferralBody = z.strictObject({
  authority: AuthorityId,
  /** The authority's own reference; sealed. */
  reference: z.string().min(1).max(500),
})
/** One referral. */
export const ReferralView = z.strictObject({
  referralId: OpaqueId,
  caseId: OpaqueId,
  authority: AuthorityId,
  madeBy: OpaqueId,
  madeAt: Timestamp,
})
/** `GET /v1/cases/:caseId/referrals` answer. */
export const ReferralList = z.strictObject({ referrals: z.array(ReferralView) })
