import { AssertionError } from "node:assert"
import { DependencyError, NightlightError, RequestError } from "@nightlight/core"
import { errors } from "undici"

/** The part of an answer that makes it unusable. */
export type MalformedReason = "http" | "headers" | "location" | "encoding" | "content_type" | "status" | "redirect"

/** The error for an unusable answer. */
export function malformed(reason: MalformedReason, host: string): DependencyError {
  return new DependencyError("answer_malformed", "the host's answer is not usable", { details: { reason, host } })
}

/** The error for an unreachable host. */
export function unavailable(reason: "dns" | "connect" | "tls" | "connection_lost", host: string): DependencyError {
  return new DependencyError("unavailable", "the host cannot be reached, or closed the connection", {
    details: { reason, host },
  })
}

/** The error for a body over its limit. */
export function tooLarge(maxBytes: number, host: string): RequestError {
  return new RequestError("too_large", `the body is larger than ${maxBytes} bytes`, { details: { maxBytes, host } })
}

/**
 * The error to throw for a failed request: the signal's reason if it was aborted, Nightlight's own errors unchanged,
 * and for others a new error with at most their code.
 */
export function failureOf(error: unknown, host: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof NightlightError) return error
  if (error instanceof errors.HeadersOverflowError) return malformed("headers", host)
  return NOT_HTTP.some((kind) => error instanceof kind) ? malformed("http", host) : unavailable("connection_lost", host)
}

/** Errors that undici throws for a broken answer; an unrequested upgrade fails one of its assertions. */
const NOT_HTTP = [errors.HTTPParserError, errors.ResponseContentLengthMismatchError, AssertionError]
