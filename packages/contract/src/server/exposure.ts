/**
 * Viewings and exposure over HTTP.
 * @module
 */
import { z } from "zod"
import { AttestationBody, ViewingAnswer } from "../custodian/api.ts"
import { ProvenGrant } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"

/** `POST /v1/cases/:caseId/items/:itemId/viewings` body: one proof for a derivative, two people's for an original. */
export const ViewingRequest = z.strictObject({ proven: ProvenGrant })

/** Answer; only the viewer's own key can read it. */
export const ViewingView = z.strictObject({ viewingId: z.string(), shownAt: Timestamp, answer: ViewingAnswer })

/** `POST …/viewings/:viewingId/end` body. */
export const ViewingEndBody = z.strictObject({
  /** How long the picture was visible, by the console's count. */
  secondsVisible: z.number().min(0).max(86_400),
})

/** `POST …/viewings/:viewingId/attest` body. */
export const ViewingAttestBody = AttestationBody

/** Limits of each reviewer's viewings: a daily budget, and breaks. */
export const ExposureLimits = z.strictObject({
  itemsPerDay: z.int().min(0).max(500),
  originalsPerDay: z.int().min(0).max(100),
  minutesPerDay: z.int().min(0).max(300),
  breakAfterMinutes: z.int().min(5).max(120),
  breakMinutes: z.int().min(5).max(120),
})
export type ExposureLimits = z.infer<typeof ExposureLimits>

/** `PUT` body of limits: omitted ones stay. */
export const ExposureLimitsBody = ExposureLimits.partial()

/** The limit that prevents viewings now. */
export const BudgetName = z.enum(["items", "originals", "minutes", "break"])

/** `GET /v1/me/exposure` answer. It contains no score: there is no target to reach. */
export const ExposureView = z.strictObject({
  /** Local date of the day's counts. */
  day: z.string(),
  viewings: z.int().nonnegative(),
  originals: z.int().nonnegative(),
  minutes: z.number().nonnegative(),
  limits: ExposureLimits,
  /**
   * Why no viewing is possible now, and until when; absent if one is. Deciding without a viewing is always possible.
   */
  blocked: z.strictObject({ by: BudgetName, until: Timestamp }).exactOptional(),
  /** When the next break is due if viewings go on. */
  breakDueAt: Timestamp.exactOptional(),
  /** End of the current break. */
  onBreakUntil: Timestamp.exactOptional(),
})

/** `POST /v1/me/shift/end` answer: a summary in numbers, by which nobody is measured. */
export const ShiftSummary = z.strictObject({
  day: z.string(),
  viewings: z.int().nonnegative(),
  minutes: z.number().nonnegative(),
  decisions: z.int().nonnegative(),
})

/** `GET /v1/exposure` answer. */
export const ExposureList = z.strictObject({
  limits: ExposureLimits,
  people: z.array(
    z.strictObject({
      person: z.string(),
      day: z.string(),
      viewings: z.int().nonnegative(),
      originals: z.int().nonnegative(),
      minutes: z.number().nonnegative(),
    }),
  ),
})
