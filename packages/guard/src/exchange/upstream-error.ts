/**
 * An upstream's error: its texts are checked like any other output before they pass.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { Dialect } from "../endpoints/dialect.ts"
import { jsonPayload, readJsonAnswer } from "../endpoints/json-endpoint.ts"
import type { Shape } from "../inspect/shape.ts"
import type { UpstreamAnswer } from "../upstream/ports.ts"
import type { Exchange } from "./exchange.ts"
import type { Forwarded } from "./forward.ts"
import { inspectAll } from "./inspect.ts"

const MAX_ERROR_BYTES = 65_536

/** Answers with an upstream's error: the same status, its own texts where they pass the checks, else the guard's. */
export async function toUpstreamError(
  answer: UpstreamAnswer,
  dialect: Dialect,
  exchange: Exchange,
): Promise<Forwarded> {
  const { status, headers } = answer
  const body = (await ownWords(answer, dialect.errorShape, exchange)) ?? dialect.upstreamError(status)
  return { kind: "whole", status, headers, payload: jsonPayload(body), withheld: false }
}

async function ownWords(answer: UpstreamAnswer, errorShape: Shape, exchange: Exchange): Promise<JsonValue | undefined> {
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
