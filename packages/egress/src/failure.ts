import { AssertionError } from "node:assert"
import { DependencyError, NightlightError, RequestError } from "@nightlight/core"
import { errors } from "undici"

/** Why an answer cannot be used. */
export type MalformedReason = "http" | "headers" | "location" | "encoding" | "content_type" | "status" | "redirect"

/** The error for an answer that cannot be used. */
export function malformed(reason: MalformedReason, host: string): DependencyError {
  return new DependencyError("answer_malformed", "the host's answer cannot be used", { details: { reason, host } })
}

/** The error for a host that cannot be reached. */
export function unavailable(reason: "dns" | "connect" | "tls" | "connection_lost", host: string): DependencyError {
  return new DependencyError("unavailable", "the host cannot be reached, or left", { details: { reason, host } })
}

/** The error for a body over its limit. */
export function tooLarge(maxBytes: number, host: string): RequestError {
  return new RequestError("too_large", `the body is larger than ${maxBytes} bytes`, { details: { maxBytes, host } })
}

/**
 * The error to throw for whatever a request threw: the signal's reason if that ended it, ours as they are, of others a
 * code at most.
 */
export function failureOf(error: unknown, host: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof NightlightError) return error
  if (error instanceof errors.HeadersOverflowError) return malformed("headers", host)
  return NOT_HTTP.some((kind) => error instanceof kind) ? malformed("http", host) : unavailable("connection_lost", host)
}

/** What undici throws for a broken answer; an upgrade nobody asked for fails one of its assertions. */
const NOT_HTTP = [errors.HTTPParserError, errors.ResponseContentLengthMismatchError, AssertionError]
