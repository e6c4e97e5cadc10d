/**
 * Filing by policy over HTTP.
 * @module
 */
import { z } from "zod"
import { GrantProof, OpaqueId } from "../custodian/grant.ts"
import { MAX_STANDING_DAYS, Standing } from "../custodian/standing.ts"
import { StandingTemplate } from "../custodian/standing-template.ts"
import { Timestamp } from "../screening.ts"

/** `POST /v1/automation` body: what counsel asks for, and which reporter is the second person. */
export const AutomationBody = z.strictObject({
  lists: Standing.shape.lists,
  dailyCap: Standing.shape.dailyCap,
  days: z.int().min(1).max(MAX_STANDING_DAYS),
  reporter: OpaqueId,
})

/** `POST /v1/automation/:standingId/proof` body: made with `proveStanding` over {@link AutomationView}'s `standing`. */
export const AutomationProofBody = z.strictObject({ proof: GrantProof })

/** A standing authorisation. */
export const AutomationView = z.strictObject({
  standing: Standing,
  /** `asked`: until both have proven it and the reporter has approved the action; `ended`: revoked, or expired. */
  state: z.enum(["asked", "live", "ended"]),
  provenBy: z.array(OpaqueId),
  madeAt: Timestamp,
  endedAt: Timestamp.exactOptional(),
})

/** `GET /v1/automation/template` answer. */
export const AutomationTemplate = z.strictObject({ template: StandingTemplate })

/** `GET /v1/automation` answer, newest first. */
export const AutomationList = z.strictObject({ standings: z.array(AutomationView) })
