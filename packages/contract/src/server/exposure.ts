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

/** Its answer: readable with the viewer's own key alone. */
export const ViewingView = z.strictObject({ viewingId: z.string(), shownAt: Timestamp, answer: ViewingAnswer })

/** `POST …/viewings/:viewingId/end` body. */
export const ViewingEndBody = z.strictObject({
  /** How long the picture was visible, as the console counted. */
  secondsVisible: z.number().min(0).max(86_400),
})

/** `POST …/viewings/:viewingId/attest` body. */
export const ViewingAttestBody = AttestationBody

/** What any one reviewer may view: a daily budget, and breaks. */
export const ExposureLimits = z.strictObject({
  itemsPerDay: z.int().min(0).max(500),
  originalsPerDay: z.int().min(0).max(100),
  minutesPerDay: z.int().min(0).max(300),
  breakAfterMinutes: z.int().min(5).max(120),
  breakMinutes: z.int().min(5).max(120),
})
export type ExposureLimits = z.infer<typeof ExposureLimits>

/** `PUT` body of limits: what is not named stays. */
export const ExposureLimitsBody = ExposureLimits.partial()

/** What keeps somebody from looking now. */
export const BudgetName = z.enum(["items", "originals", "minutes", "break"])

/** `GET /v1/me/exposure` answer. Words, not a score: there is no target to reach. */
export const ExposureView = z.strictObject({
  /** Local date that the day's counts are of. */
  day: z.string(),
  viewings: z.int().nonnegative(),
  originals: z.int().nonnegative(),
  minutes: z.number().nonnegative(),
  limits: ExposureLimits,
  /** Why no viewing is possible now, and until when; absent when one is. Deciding without looking is always possible. */
  blocked: z.strictObject({ by: BudgetName, until: Timestamp }).exactOptional(),
  /** When the next break is due if looking goes on. */
  breakDueAt: Timestamp.exactOptional(),
  /** The break under way. */
  onBreakUntil: Timestamp.exactOptional(),
})

/** `POST /v1/me/shift/end` answer: what was done, in numbers nobody is measured by. */
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
