import type { RejectionClass } from "./response-codes.ts"

/** Members of every answer. */
interface Answered {
  readonly httpStatus: number
  /** The service's `Request-ID`: store it, and quote it to NCMEC in questions about the call. */
  readonly requestId?: string
  /** The answer's bytes, exactly as received: store these. At most 1 MiB. */
  readonly received: Uint8Array
}

/** HTTP 2xx and response code 0. */
export interface Accepted extends Answered {
  readonly kind: "accepted"
  /**
   * {@link Answered.received} as text, in the encoding that it declares; for `/finish` it counts as the provider's
   * notification.
   */
  readonly receipt: string
}

/**
 * The service refused. The call had no effect, as far as the service knows: after a `retryable` refusal of `/finish`
 * call `/retract`, as after {@link Unanswered}.
 */
export interface Rejected extends Answered {
  readonly kind: "rejected"
  readonly class: RejectionClass
  /** As received, listed or not; absent if there was only an HTTP status. */
  readonly responseCode?: number
  /**
   * The service's description, at most 500 characters. It may quote the report: show it only to people who may read the
   * report, and keep it out of logs.
   */
  readonly detailForOperators?: string
}

/** Why it is unknown whether a call took effect. */
export type UnansweredReason =
  | "timed_out"
  | "connection_lost"
  | "aborted"
  /** A redirect; never followed, so that credentials are not sent elsewhere. */
  | "redirected"
  /** The answer is larger than 1 MiB. */
  | "too_large"
  | "doctype"
  | "malformed"
  /** The answer's parts contradict each other, such as code 0 with HTTP 500, or another report's id. */
  | "contradictory"
  /** An HTTP 5xx without a response code. */
  | "http_status"

/** Sent, wholly or in part, without a valid answer: it may have taken effect. `/retract` finds out. */
export interface Unanswered {
  readonly kind: "unanswered"
  readonly reason: UnansweredReason
  readonly httpStatus?: number
  readonly requestId?: string
  /** The answer's bytes, if a whole but invalid one came. */
  readonly received?: Uint8Array
}

/** Nothing was sent: it certainly had no effect. */
export interface Unsent {
  readonly kind: "unsent"
  readonly reason: "connection_failed" | "aborted"
}

/** How a call ended; a call that was sent never throws. */
export type Outcome<Facts extends object = object> = (Accepted & Facts) | Rejected | Unanswered | Unsent

/** Facts of an accepted upload. */
export interface UploadFacts {
  readonly reportId: string
  readonly fileId: string
  /** MD5 in hexadecimal, the same on both sides. */
  readonly md5: string
  readonly sizeBytes: number
}

/** The service has other bytes than were sent. The report cannot be corrected: retract it. */
export interface Corrupt extends Answered {
  readonly kind: "corrupt"
  readonly reportId: string
  readonly fileId: string
  readonly sentMd5: string
  /** Absent if the answer has none. */
  readonly receivedMd5?: string
}

/**
 * The content could not be read to its end or differs from what was announced; the request was cut off before its end.
 */
export interface SourceFailed {
  readonly kind: "source_failed"
  readonly reason: "unreadable" | "md5" | "size"
}

/** How an upload ended. */
export type UploadOutcome = Outcome<UploadFacts> | Corrupt | SourceFailed
