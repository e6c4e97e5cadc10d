import { expect } from "vitest"
import type { Endpoint, RawRequest, ReadRequest } from "../../src/endpoints/endpoint.ts"
import { createEngine } from "../../src/engine/engine.ts"
import { GuardRefusal } from "../../src/errors.ts"
import type { Inspectable } from "../../src/inspect/inspectable.ts"
import { SseParser } from "../../src/stream/sse-parser.ts"
import { chatContext, holdBack } from "./held.ts"

/** A word that stands nowhere else. */
export const MARKER = "canary-7f3a"

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Every copy of a value in which one leaf, one key, or one new field holds the marker. */
export function* planted(value: unknown, path = ""): Generator<{ readonly path: string; readonly value: Json }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const inner of planted(item, `${path}[${index}]`)) {
        yield { path: inner.path, value: value.with(index, inner.value) as Json }
      }
    }
    yield { path: `${path}[+]`, value: [...(value as Json[]), MARKER] }
    return
  }
  if (typeof value === "object" && value !== null) {
    const fields = value as Record<string, Json>
    for (const [key, item] of Object.entries(fields)) {
      for (const inner of planted(item, `${path}.${key}`)) {
        yield { path: inner.path, value: { ...fields, [key]: inner.value } }
      }
      const { [key]: taken, ...rest } = fields
      yield { path: `${path}.{${key}}`, value: { ...rest, [MARKER]: taken ?? null } }
    }
    yield { path: `${path}.+`, value: { ...fields, [MARKER]: MARKER } }
    return
  }
  yield { path, value: MARKER }
  if (typeof value === "string") yield { path: `${path} (within)`, value: `${value}${MARKER}` }
}

/** Whether the checks would see the marker. */
export function holdsMarker(items: readonly Inspectable[]): boolean {
  return items.some((item) => wordsOf(item).includes(MARKER))
}

function wordsOf(item: Inspectable): string {
  if (item.kind === "text") return item.text
  return item.kind === "ref" ? item.url : Buffer.from(item.bytes).toString("latin1")
}

/** A JSON body. */
export function rawJson(value: unknown): RawRequest {
  const contentType = "application/json"
  return { contentType, contentTypeHeader: contentType, bytes: Buffer.from(JSON.stringify(value)) }
}

/** How many planted bodies were inspected, and how many refused; anything else fails the test. */
export interface Tally {
  readonly inspected: number
  readonly refused: number
}

/** Plants the marker everywhere in a request. */
export function plantInRequest(
  read: (body: unknown) => { readonly items: readonly Inspectable[] },
  body: unknown,
): Tally {
  let inspected = 0
  let refused = 0
  for (const { path, value } of planted(body)) {
    try {
      expect(holdsMarker(read(value).items), path).toBe(true)
      inspected++
    } catch (error) {
      expect(error, path).toBeInstanceOf(GuardRefusal)
      expect((error as GuardRefusal).message, path).not.toContain(MARKER)
      refused++
    }
  }
  return { inspected, refused }
}

/** Plants the marker everywhere in an answer: what leaves was inspected. Gives how many left. */
export function plantInAnswer(endpoint: Endpoint, body: unknown, request: ReadRequest): number {
  let left = 0
  for (const { path, value } of planted(body)) {
    try {
      const answer = endpoint.answer(Buffer.from(JSON.stringify(value)), request)
      const withheld = Buffer.from(answer.withheld?.("no").bytes ?? []).toString()
      expect(withheld, path).not.toContain(MARKER)
      for (const { inline } of answer.refs) inline("data:image/png;base64,AAAA")
      if (!Buffer.from(answer.payload().bytes).toString().includes(MARKER)) continue
      expect(holdsMarker(answer.items), path).toBe(true)
      left++
    } catch (error) {
      expect(error, path).toBeInstanceOf(GuardRefusal)
    }
  }
  return left
}

/** Plants the marker everywhere in a stream: what is released was inspected before. Gives how often it was. */
export function plantInStream(endpoint: Endpoint, chunks: readonly object[], request: ReadRequest): number {
  let left = 0
  for (const [index, chunk] of chunks.entries()) {
    for (const { path, value } of planted(chunk)) {
      const { inspected, released } = relayed(endpoint, request, eventsOf(chunks.with(index, value as object)))
      if (!released.includes(MARKER)) continue
      expect(inspected.includes(MARKER), `${index} ${path}`).toBe(true)
      left++
    }
  }
  return left
}

/** A stream's bytes. */
export function eventsOf(chunks: readonly object[]): Buffer[] {
  return chunks.map((chunk) => Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`))
}

/** The output of a stream, and the text of it that the checks saw. */
export interface Relayed {
  readonly inspected: string
  readonly released: string
  /** Code of the refusal that ended it. */
  readonly failed?: string
  readonly blocked: boolean
}

/** Relays a stream; a text that holds `blocks` ends it. */
export function relayed(
  endpoint: Endpoint,
  request: ReadRequest,
  bytes: readonly Uint8Array[],
  blocks?: string,
): Relayed {
  const codec = endpoint.stream?.(request)
  if (codec === undefined) throw new Error("expected an endpoint with streams")
  let inspected = ""
  const overlapChars = (blocks ?? MARKER).length
  const held = holdBack({
    engine: createEngine({
      checks: [
        {
          name: "eye",
          kind: "text",
          coverage: { directions: ["output"], media: ["text", "image"] },
          deadlineMs: 1_000,
          failureMode: "closed",
          overlapChars,
          run: (items) => {
            for (const item of items) inspected += `${wordsOf(item)}\n`
            const found = blocks !== undefined && items.some((item) => wordsOf(item).includes(blocks))
            return {
              signals: found ? [{ check: "eye", rule: "r", decision: "block" as const, item: 0 }] : [],
              screened: true,
            }
          },
        },
      ],
      isExcepted: () => false,
      now: () => new Date(),
    }),
    codec,
    context: { ...chatContext("output"), endpoint: endpoint.name },
  })
  const { hold } = held
  const end = () => {
    const blocked = held.stop !== undefined
    return { inspected, released: held.released + (blocked ? codec.withheld("withheld here").join("") : ""), blocked }
  }
  const parser = new SseParser()
  try {
    for (const piece of bytes)
      for (const event of parser.push(piece)) if (held.stop === undefined) hold.accept(codec.read(event))
    if (held.stop === undefined) hold.accept(codec.finish())
  } catch (error) {
    expect(error).toBeInstanceOf(GuardRefusal)
    return { ...end(), failed: (error as GuardRefusal).code }
  }
  return end()
}

/** The events of a stream that was relayed, `[DONE]` left out. */
export function sent(released: string): Record<string, unknown>[] {
  return new SseParser()
    .push(Buffer.from(released))
    .filter(({ data }) => data !== "[DONE]")
    .map(({ data }) => JSON.parse(data) as Record<string, unknown>)
}
