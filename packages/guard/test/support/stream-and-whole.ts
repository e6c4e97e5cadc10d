import { createPatternCheck } from "../../src/checks/patterns/pattern-check.ts"
import type { Endpoint, ReadRequest } from "../../src/endpoints/endpoint.ts"
import { createEngine, type Engine } from "../../src/engine/engine.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"
import { chatContext, holdBack } from "./held.ts"
import { sent } from "./planted.ts"

const PHRASE = "quartz umbrella violet"
const rules = [{ name: "phrase", decision: "block" as const, phrases: [PHRASE] }]
const lists = createPatternCheck({ name: "lists", directions: ["output"], rules, deadlineMs: 60_000 })
const engine: Engine = createEngine({ checks: [lists], isExcepted: () => true, now: () => new Date() })
const CONTEXT = chatContext("output")
const SETTINGS = {
  mode: "windows",
  windowChars: 400,
  firstWindowChars: 100,
  maxHeldBytes: 1e6,
  maxHeldPictureBytes: 1e6,
  keepAliveMs: 1_000,
} as const

/** Reads a request of an endpoint. */
export function requestOf(endpoint: Endpoint, body: unknown): ReadRequest {
  const contentType = "application/json"
  return endpoint.request({ contentType, contentTypeHeader: contentType, bytes: Buffer.from(JSON.stringify(body)) })
}

/** Whether the same check lets the answer pass when it comes whole. */
export function passesWhole(endpoint: Endpoint, request: ReadRequest, answer: unknown): boolean {
  const { items } = endpoint.answer(Buffer.from(JSON.stringify(answer)), request)
  const outcome = engine.run(items as readonly CheckItem[], CONTEXT, new AbortController().signal)
  if (outcome instanceof Promise) throw new Error("expected a short answer to be looked at at once")
  return outcome.action === "pass"
}

/** The output of a stream. */
export interface Streamed {
  readonly passes: boolean
  /** The `data` of each event that was released, parsed. */
  readonly events: readonly Record<string, unknown>[]
}

/** Streams events, as many to a read as each size says. */
export function streamed(
  endpoint: Endpoint,
  request: ReadRequest,
  events: readonly unknown[],
  sizes: readonly number[],
): Streamed {
  const codec = endpoint.stream?.(request)
  if (codec === undefined) throw new Error("expected an endpoint that streams")
  const held = holdBack({ engine, codec, context: CONTEXT, settings: SETTINGS })
  const { hold } = held
  for (let offset = 0, turn = 0; offset < events.length && held.stop === undefined; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    hold.accept(events.slice(offset, offset + size).flatMap((event) => codec.read({ event: "", data: dataOf(event) })))
    offset += size
  }
  if (held.stop === undefined) hold.accept(codec.finish())
  return { passes: held.stop === undefined, events: sent(held.released) }
}

function dataOf(event: unknown): string {
  return typeof event === "string" ? event : JSON.stringify(event)
}
