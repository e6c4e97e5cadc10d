/**
 * An upstream's error: its words are an output like any other, and pass only when they were checked.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { jsonPayload, readJsonAnswer } from "../endpoints/json-endpoint.ts"
import { byType, nullable, number, object, text } from "../inspect/shape.ts"
import type { UpstreamAnswer } from "../upstream/ports.ts"
import type { Exchange } from "./exchange.ts"
import type { Forwarded } from "./forward.ts"
import { inspectAll } from "./inspect.ts"

const MAX_ERROR_BYTES = 65_536

const word = byType({ string: text("label"), number: number(), null: () => null })

const errorShape = object({
  error: object(
    { message: text("text") },
    { type: nullable(text("label")), param: nullable(text("label")), code: word },
  ),
})

/** Shapes it: the same status, its own words where they were checked and pass, else ours. */
export async function toUpstreamError(answer: UpstreamAnswer, exchange: Exchange): Promise<Forwarded> {
  const { status, headers } = answer
  const body = (await ownWords(answer, exchange)) ?? {
    error: {
      message: "the upstream refused the request or failed",
      type: typeFor(status),
      param: null,
      code: "upstream_error",
    },
  }
  return { kind: "whole", status, headers, payload: jsonPayload(body), withheld: false }
}

async function ownWords(answer: UpstreamAnswer, exchange: Exchange): Promise<JsonValue | undefined> {
  try {
    if (answer.contentType !== "application/json") {
      answer.cancel()
      return undefined
    }
    const { copy, walk } = readJsonAnswer(await answer.bytes(MAX_ERROR_BYTES), errorShape)
    const { outcome } = await inspectAll(walk, exchange, "output")
    return outcome.action === "pass" ? copy : undefined
  } catch {
    exchange.signal.throwIfAborted()
    return undefined
  }
}

function typeFor(status: number): string {
  if (status === 429) return "rate_limit_error"
  return status < 500 ? "invalid_request_error" : "server_error"
}
