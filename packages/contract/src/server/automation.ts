/**
 * Automatic filing over HTTP.
 * @module
 */
import { z } from "zod"
import { FilingAuthorisation, MAX_AUTHORISATION_DAYS } from "../custodian/filing-authorisation.ts"
import { FilingTemplate } from "../custodian/filing-template.ts"
import { GrantProof, OpaqueId } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"

/** `POST /v1/automation` body: what counsel requests, and which reporter is the second person. */
export const AutomationBody = z.strictObject({
  lists: FilingAuthorisation.shape.lists,
  dailyCap: FilingAuthorisation.shape.dailyCap,
  days: z.int().min(1).max(MAX_AUTHORISATION_DAYS),
  reporter: OpaqueId,
})

/**
 * `POST /v1/automation/:authorisationId/proof` body: made with `proveFilingAuthorisation` over {@link AutomationView}'s
 * `authorisation`.
 */
export const AutomationProofBody = z.strictObject({ proof: GrantProof })

/** A filing authorisation. */
export const AutomationView = z.strictObject({
  authorisation: FilingAuthorisation,
  /** `requested`: until both have proven it and the reporter has approved it; `ended`: revoked, or expired. */
  state: z.enum(["requested", "live", "ended"]),
  provenBy: z.array(OpaqueId),
  madeAt: Timestamp,
  endedAt: Timestamp.exactOptional(),
})

/** `GET /v1/automation/template` answer. */
export const AutomationTemplate = z.strictObject({ template: FilingTemplate })

/** `GET /v1/automation` answer, newest first. */
export const AutomationList = z.strictObject({ authorisations: z.array(AutomationView) })
