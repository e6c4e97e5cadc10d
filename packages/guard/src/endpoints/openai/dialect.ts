/**
 * OpenAI's dialect, which most other services speak too.
 * @module
 */
import { byType, nullable, number, object, text } from "../../inspect/shape.ts"
import type { Dialect } from "../dialect.ts"
import { renderError } from "./error.ts"

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i

const word = byType({ string: text("label"), number: number(), null: () => null })

/** Bearer tokens, `{ error: { message, type, param, code } }`, and OpenAI's rate limit headers. */
export const openai: Dialect = {
  provider: "openai",
  keyOf: ({ authorization }) => (typeof authorization === "string" ? BEARER.exec(authorization)?.[1] : undefined),
  keyHeaders: (key) => ({ authorization: `Bearer ${key}` }),
  callerHeaders: ["authorization", "openai-organization", "openai-project"],
  renderError,
  errorShape: object({
    error: object(
      { message: text("text") },
      { type: nullable(text("label")), param: nullable(text("label")), code: word },
    ),
  }),
  upstreamError: (status) => ({
    error: {
      message: "the upstream refused the request or failed",
      type: typeFor(status),
      param: null,
      code: "upstream_error",
    },
  }),
  headersBack: new Map([
    ["retry-after", /^\d{1,6}$/],
    ["retry-after-ms", /^\d{1,9}$/],
    ["x-should-retry", /^(?:true|false)$/],
    ["openai-processing-ms", /^\d{1,9}$/],
    ["x-ratelimit-limit-requests", /^\d{1,12}$/],
    ["x-ratelimit-limit-tokens", /^\d{1,12}$/],
    ["x-ratelimit-remaining-requests", /^\d{1,12}$/],
    ["x-ratelimit-remaining-tokens", /^\d{1,12}$/],
    ["x-ratelimit-reset-requests", /^[0-9.hms]{1,24}$/],
    ["x-ratelimit-reset-tokens", /^[0-9.hms]{1,24}$/],
  ]),
}

function typeFor(status: number): string {
  if (status === 429) return "rate_limit_error"
  return status < 500 ? "invalid_request_error" : "server_error"
}
