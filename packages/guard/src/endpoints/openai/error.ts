/**
 * Refusals in the API's own error shape, so that client libraries understand them and do not send blocked content
 * again.
 *
 * Source: openai-node retries 408, 409, 429 and 5xx unless `x-should-retry: false`; the Vercel AI SDK guesses from
 * words of `type` when an error comes within a stream, so a block stays an `invalid_request_error` there too.
 * @module
 */
import { compact } from "@nightlight/core"
import { GuardRefusal, type RefusalCode } from "../../errors.ts"
import type { ErrorAnswer } from "../dialect.ts"

const TYPES: Readonly<Partial<Record<RefusalCode, string>>> = {
  invalid_api_key: "authentication_error",
  rate_limit_exceeded: "rate_limit_error",
  account_suspended: "permission_error",
  unknown_url: "not_found_error",
  service_unavailable: "service_unavailable",
  upstream_busy: "service_unavailable",
  upstream_failed: "server_error",
  upstream_timed_out: "server_error",
}

/** Renders a refusal; other errors reveal nothing. */
export function renderError(error: unknown): ErrorAnswer {
  const refusal = error instanceof GuardRefusal ? error : undefined
  const status = refusal?.status ?? 500
  const type = refusal === undefined ? "server_error" : (TYPES[refusal.code] ?? "invalid_request_error")
  return {
    status,
    headers: compact({
      "x-should-retry": refusal?.retryable === true ? undefined : "false",
      "retry-after": refusal?.retryable === true && (status === 503 || status === 429) ? "5" : undefined,
    }),
    body: JSON.stringify({
      error: {
        message: refusal?.message ?? "the guard failed",
        type,
        param: refusal?.param ?? null,
        code: refusal?.code ?? "internal_error",
      },
    }),
  }
}
