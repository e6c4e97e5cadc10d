/**
 * Refusals: what the guard answers instead of forwarding, in the API's own error shape.
 * @module
 */
import { NightlightError } from "@nightlight/core"

/** Why a call is not forwarded. Stands as `error.code` in the answer. */
export type RefusalCode =
  /** A check found something; the same answer whatever it was, and where. */
  | "content_filter"
  /** The body, a field, a header or a value is not one the guard understands. */
  | "invalid_body"
  /** A field that the guard does not know, or does not let through. */
  | "unsupported_parameter"
  /** No such route, or not open. */
  | "unknown_url"
  /** No key, or not one of the operator's. */
  | "invalid_api_key"
  /** The key calls more often than it may. */
  | "rate_limit_exceeded"
  /** Signed headers about an end user are not what they must be. */
  | "end_user_invalid"
  /** The account may not call at this time. */
  | "account_suspended"
  /** The body is larger than the guard takes. */
  | "body_too_large"
  /** The headers are larger than the guard takes. */
  | "headers_too_large"
  /** The request is not HTTP that can be read in one way. */
  | "invalid_request"
  /** The request was not there whole in time. */
  | "request_timed_out"
  /** An `expect` header asks for something else than `100-continue`. */
  | "expectation_failed"
  /** The body's type or encoding is not one the guard reads. */
  | "unsupported_media_type"
  /** A URL in the body could not be fetched, or may not be. */
  | "reference_unavailable"
  /** A check that must speak did not: for trusted keys; others get `content_filter`. */
  | "service_unavailable"
  /** Every connection to the upstream was in use for as long as a call may wait. */
  | "upstream_busy"
  /** The upstream gave no usable answer. */
  | "upstream_failed"
  /** The upstream did not answer in time. */
  | "upstream_timed_out"
  /** A text of a stream holds what may be a picture, and more of it than is held back. Nothing was found. */
  | "held_picture_too_large"

const STATUS: Readonly<Record<RefusalCode, number>> = {
  content_filter: 400,
  invalid_body: 400,
  unsupported_parameter: 400,
  unknown_url: 404,
  invalid_api_key: 401,
  rate_limit_exceeded: 429,
  end_user_invalid: 400,
  account_suspended: 403,
  body_too_large: 413,
  headers_too_large: 431,
  invalid_request: 400,
  request_timed_out: 408,
  expectation_failed: 417,
  unsupported_media_type: 415,
  reference_unavailable: 400,
  service_unavailable: 503,
  upstream_busy: 503,
  upstream_failed: 502,
  upstream_timed_out: 504,
  held_picture_too_large: 502,
}

/** Thrown anywhere in the guard to end a call; the message is shown to the caller and names nothing of the body's own. */
export class GuardRefusal extends NightlightError<RefusalCode> {
  override name = "GuardRefusal"
  readonly retryable: boolean
  readonly status: number
  /** Path of the field, of known names and positions. */
  readonly param: string | null

  constructor(code: RefusalCode, message: string, param: string | null = null) {
    super(code, message)
    this.status = STATUS[code]
    this.retryable = this.status === 408 || this.status === 429 || this.status >= 500
    this.param = param
  }
}
