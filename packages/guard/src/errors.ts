/**
 * Refusals: what the guard answers instead of forwarding, in the API's own error shape.
 * @module
 */
import { NightlightError } from "@nightlight/core"

/** Why a call is not forwarded: `error.code` of the answer. */
export type RefusalCode =
  /** A check found something. The answer is the same whatever was found, and wherever. */
  | "content_filter"
  /** The guard does not understand the body, a field, a header or a value. */
  | "invalid_body"
  /** The guard does not know the field, or does not let it through. */
  | "unsupported_parameter"
  /** There is no such route, or it is not open. */
  | "unknown_url"
  /** No key was sent, or none that the operator issued. */
  | "invalid_api_key"
  /** The key calls more often than it may. */
  | "rate_limit_exceeded"
  /** The signed headers about an end user are not valid. */
  | "end_user_invalid"
  /** The account is suspended now. */
  | "account_suspended"
  /** The body is larger than the guard accepts. */
  | "body_too_large"
  /** The headers are larger than the guard accepts. */
  | "headers_too_large"
  /** The request is not HTTP that every parser reads alike. */
  | "invalid_request"
  /** The request did not arrive whole in time. */
  | "request_timed_out"
  /** An `expect` header asks for something other than `100-continue`. */
  | "expectation_failed"
  /** The guard does not read the body's type or encoding. */
  | "unsupported_media_type"
  /** A URL in the body could not be fetched, or fetching it is not allowed. */
  | "reference_unavailable"
  /** A required check did not answer. Only trusted keys get this code; others get `content_filter`. */
  | "service_unavailable"
  /** Every connection to the upstream was in use for as long as a call may wait. */
  | "upstream_busy"
  /** The upstream gave no usable answer. */
  | "upstream_failed"
  /** The upstream did not answer in time. */
  | "upstream_timed_out"
  /**
   * A text of a stream holds what may be a picture, and that picture is longer than what is held back. Nothing was
   * found.
   */
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

/** Thrown anywhere in the guard to end a call. The caller sees the message, which repeats nothing of the body. */
export class GuardRefusal extends NightlightError<RefusalCode> {
  override name = "GuardRefusal"
  readonly retryable: boolean
  readonly status: number
  /** Path of the field, made of known names and positions. */
  readonly param: string | null

  constructor(code: RefusalCode, message: string, param: string | null = null) {
    super(code, message)
    this.status = STATUS[code]
    this.retryable = this.status === 408 || this.status === 429 || this.status >= 500
    this.param = param
  }
}
