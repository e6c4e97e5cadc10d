/**
 * Turns an object store's errors into Nightlight's own. The store's messages quote keys, so they are left out.
 * @module
 */
import { DependencyError, NightlightError, RequestError } from "@nightlight/core"

/** An answer of a store that is no success. */
export interface StoreAnswer {
  /** The error's name, such as `NoSuchBucket`. */
  readonly name: string
  /** Status of the HTTP answer; 0 where none came. */
  readonly status: number
}

const CREDENTIALS = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidToken",
  "ExpiredToken",
  "ExpiredTokenException",
  "TokenRefreshRequired",
  "CredentialsProviderError",
  "AuthorizationHeaderMalformed",
  "InvalidSecurity",
  "AuthorizationQueryParametersError",
])

const SLOW = new Set(["SlowDown", "TooManyRequests", "TooManyRequestsException", "Throttling", "RequestLimitExceeded"])

/** Reads the name and status of whatever the client threw. */
export function answerOf(error: unknown): StoreAnswer {
  const { name, Code, $metadata } = (error ?? {}) as {
    readonly name?: unknown
    readonly Code?: unknown
    readonly $metadata?: { readonly httpStatusCode?: unknown }
  }
  const status = Number($metadata?.httpStatusCode ?? 0)
  const code = [Code, name].find((text) => typeof text === "string" && text !== "" && text !== "Error")
  return { name: typeof code === "string" ? code : "unknown", status }
}

/** Whether the store says that it cannot do this at all. */
export function isNotImplemented(error: unknown): boolean {
  const { name, status } = answerOf(error)
  return status === 501 || name === "NotImplemented" || name === "MethodNotAllowed" || status === 405
}

/** Whether a condition of the request (`If-Match`, `If-None-Match`) did not hold. */
export function isConditionFailed(error: unknown): boolean {
  const { name, status } = answerOf(error)
  return status === 412 || status === 409 || name === "PreconditionFailed" || name === "ConditionalRequestConflict"
}

/** Whether there is no such object, upload or version. */
export function isAbsent(error: unknown): boolean {
  const { name, status } = answerOf(error)
  return (status === 404 && name !== "NoSuchBucket") || name === "NoSuchUpload"
}

/** Whether the credentials are good and do not allow this. */
export function isDenied(error: unknown): boolean {
  const { name, status } = answerOf(error)
  return (status === 403 || name === "AccessDenied" || name === "AllAccessDisabled") && !CREDENTIALS.has(name)
}

/**
 * The error to throw for a failed call.
 *
 * @param bucket - As the operator typed it.
 * @param what - What was being done, such as `read`; appears in the message.
 */
export function toStoreError(error: unknown, bucket: string, what: "list" | "read" | "write" | "delete"): unknown {
  if (error instanceof NightlightError || (error instanceof Error && error.name === "AbortError")) return error
  const { name, status } = answerOf(error)
  const details = { answer: /^\w{1,60}$/.test(name) ? name : "unknown", status }
  if (CREDENTIALS.has(name) || status === 401) {
    return new RequestError("unauthenticated", "the object store does not accept the credentials", {
      details,
      hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; where there is a token, renew it.",
    })
  }
  if (name === "RequestTimeTooSkewed") {
    return new RequestError("unauthenticated", "this machine's clock differs too much from the object store's", {
      details,
      hint: "Set the clock, and run the same command again.",
    })
  }
  if (name === "NoSuchBucket") {
    return new RequestError("not_found", `there is no bucket ${bucket}`, {
      details,
      hint: "Check its name, the region (AWS_REGION) and s3.endpoint in nightlight.yaml.",
    })
  }
  if (status === 301 || name === "PermanentRedirect" || name === "IllegalLocationConstraintException") {
    return new RequestError("input_invalid", `the bucket ${bucket} is in another region`, {
      details,
      hint: "Set AWS_REGION to the bucket's region.",
    })
  }
  if (isDenied(error)) {
    return new RequestError("forbidden", `the credentials may not ${what} in the bucket ${bucket}`, {
      details,
      hint: "docs/guides/datasets-on-s3.md lists the permissions that each command needs.",
    })
  }
  if (SLOW.has(name) || status === 429 || status === 503) {
    return new DependencyError(
      "unavailable",
      "the object store asks for fewer requests, and did so until the last try",
      {
        details,
        hint: "Run the same command again later: it continues where it was.",
      },
    )
  }
  if (status === 0 || status >= 500 || name === "RequestTimeout" || name === "TimeoutError") {
    return new DependencyError("unavailable", "the object store does not answer", {
      details,
      hint: "Check the network and s3.endpoint; then run the same command again: it continues where it was.",
    })
  }
  return what === "write" || what === "delete"
    ? new DependencyError("write_failed", "the object store refused to change an object", { details })
    : new DependencyError("source_unreadable", "an object of the dataset cannot be read", { details })
}
