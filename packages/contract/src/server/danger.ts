/**
 * Imminent danger over HTTP: whether anybody can be paged, and the state of a call. No answer says that somebody was
 * called unless a pager accepted the call.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { CaseDetail, CaseIdText } from "./cases.ts"

/** Who is paged, and whom to telephone. */
export const OnCall = z.strictObject({
  /** `none`: the server pages nobody, whatever is flagged. */
  pager: z.enum(["set", "none"]),
  /** Whom to telephone; absent if the configuration names nobody. */
  contact: z.strictObject({ name: z.string(), telephone: z.string() }).exactOptional(),
})

/** A pager call. */
export const DangerCall = z.strictObject({
  /**
   * `none`: no pager was set up; `queued`: not tried yet; `failing`: tried, and not accepted so far; `accepted` by a
   * pager.
   */
  state: z.enum(["none", "queued", "failing", "accepted"]),
  at: Timestamp,
  tries: z.int().nonnegative(),
  /** Which way failed last, such as `webhook`. */
  fault: z.string().exactOptional(),
  acceptedAt: Timestamp.exactOptional(),
})

/** `GET /v1/cases/:caseId/call` answer. */
export const CallView = z.strictObject({
  onCall: OnCall,
  /** The last call about the case; absent if it was never flagged. */
  call: DangerCall.exactOptional(),
})
export type CallView = z.infer<typeof CallView>

/** `POST /v1/cases/:caseId/danger` answer: the case, and whether anybody is being paged. */
export const FlaggedCase = z.strictObject({ ...CaseDetail.shape, ...CallView.shape })

/** A case in which a child may be in danger now, as the home screen shows it before everything else. */
export const HomeDanger = z.strictObject({
  caseId: CaseIdText,
  /** When it was last flagged. */
  at: Timestamp,
  state: z.enum(["open", "settling", "second-review", "resolution", "decided"]).exactOptional(),
  /** Who works on it now, and until when; only for people who may read cases. */
  holder: z.strictObject({ by: z.string(), until: Timestamp }).exactOptional(),
  call: DangerCall.exactOptional(),
  /** Its alarm, and who has acknowledged it. */
  alarm: z
    .strictObject({ id: z.string(), seen: z.strictObject({ by: z.string(), at: Timestamp }).exactOptional() })
    .exactOptional(),
})
export type HomeDanger = z.infer<typeof HomeDanger>
