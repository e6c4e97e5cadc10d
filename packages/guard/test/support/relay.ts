import type { Check } from "../../src/checks/check.ts"
import { chat } from "../../src/endpoints/chat/endpoint.ts"
import { createEngine } from "../../src/engine/engine.ts"
import { GuardRefusal } from "../../src/errors.ts"
import { SseParser } from "../../src/stream/sse-parser.ts"
import { holdBack } from "./held.ts"

/** The output of a stream, and whether it was broken or stopped. */
export interface Relayed {
  readonly released: string
  readonly stopped: boolean
  readonly failed: boolean
}

/** Passes a streamed chat completion through parser, codec and hold-back, in the chunks given. */
export function relayChat(chunks: readonly Uint8Array[], check: Check): Relayed {
  const bytes = Buffer.from(
    JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }], stream: true, n: 4 }),
  )
  const contentType = "application/json"
  const codec = chat.stream?.(chat.request({ contentType, contentTypeHeader: contentType, bytes }))
  if (codec === undefined) throw new Error("expected chat to stream")
  let failed = false
  const held = holdBack({
    engine: createEngine({ checks: [check], isExcepted: () => false, now: () => new Date() }),
    codec,
  })
  const { hold } = held
  const parser = new SseParser()
  try {
    for (const chunk of chunks) for (const event of parser.push(chunk)) hold.accept(codec.read(event))
    hold.accept(codec.finish())
  } catch (error) {
    if (!(error instanceof GuardRefusal)) throw error
    failed = true
  }
  return { released: held.released, stopped: held.stop !== undefined, failed }
}
