import type { RejectionClass } from "./response-codes.ts"

/** What every answer brings. */
interface Answered {
  readonly httpStatus: number
  /** The service's `Request-ID`: keep it, and quote it when asking NCMEC about the call. */
  readonly requestId?: string
  /** The answer's bytes, exactly as they came: what to keep of it. At most 1 MiB. */
  readonly received: Uint8Array
}

/** HTTP 2xx and response code 0. */
export interface Accepted extends Answered {
  readonly kind: "accepted"
  /**
   * {@link Answered.received} as text, in the encoding that it declares; of `/finish` it is what counts as the
   * provider's notification.
   */
  readonly receipt: string
}

/**
 * The service said no. What was asked did not take place, as far as the service knows: of a `retryable` refusal of
 * `/finish` ask `/retract`, as after {@link Unanswered}.
 */
export interface Rejected extends Answered {
  readonly kind: "rejected"
  readonly class: RejectionClass
  /** As received, listed or not; left out where an HTTP status alone spoke. */
  readonly responseCode?: number
  /**
   * The service's description, at most 500 characters. It may quote the report: show it to those who may read the
   * report, and keep it out of logs.
   */
  readonly detailForOperators?: string
}

/** Why it is not known whether a call took place. */
export type UnansweredReason =
  | "timed_out"
  | "connection_lost"
  | "aborted"
  /** A redirect; never followed, so credentials stay where they belong. */
  | "redirected"
  /** The answer is larger than 1 MiB. */
  | "too_large"
  | "doctype"
  | "malformed"
  /** The answer's parts do not fit together, such as code 0 with HTTP 500, or another report's id. */
  | "contradictory"
  /** An HTTP 5xx without a response code. */
  | "http_status"

/** Sent, wholly or in part, and not understandably answered: it may have taken place. `/retract` finds out. */
export interface Unanswered {
  readonly kind: "unanswered"
  readonly reason: UnansweredReason
  readonly httpStatus?: number
  readonly requestId?: string
  /** The answer's bytes, where a whole one came that cannot be believed. */
  readonly received?: Uint8Array
}

/** Not one byte left: it certainly did not take place. */
export interface Unsent {
  readonly kind: "unsent"
  readonly reason: "connection_failed" | "aborted"
}

/** How a call ended; a call that was sent never throws. */
export type Outcome<Facts extends object = object> = (Accepted & Facts) | Rejected | Unanswered | Unsent

/** What an accepted upload says. */
export interface UploadFacts {
  readonly reportId: string
  readonly fileId: string
  /** MD5 in hexadecimal, the same here and there. */
  readonly md5: string
  readonly sizeBytes: number
}

/** The service holds other bytes than were sent. The report cannot be corrected: retract it. */
export interface Corrupt extends Answered {
  readonly kind: "corrupt"
  readonly reportId: string
  readonly fileId: string
  readonly sentMd5: string
  /** Left out where the answer has none. */
  readonly receivedMd5?: string
}

/** The content could not be read to its end or is not what was announced; the request was cut off before its end. */
export interface SourceFailed {
  readonly kind: "source_failed"
  readonly reason: "unreadable" | "md5" | "size"
}

/** How an upload ended. */
export type UploadOutcome = Outcome<UploadFacts> | Corrupt | SourceFailed
