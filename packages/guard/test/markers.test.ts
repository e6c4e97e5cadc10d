import { events } from "@nightlight/dev-env/guard/upstream"
import { describe, expect, it } from "vitest"
import type { Check } from "../src/checks/check.ts"
import { chat } from "../src/endpoints/chat/endpoint.ts"
import type { RawRequest } from "../src/endpoints/endpoint.ts"
import { GuardRefusal } from "../src/errors.ts"
import { CHAT_ANSWERS, CHAT_REQUESTS, CHAT_STREAMS } from "./support/chat-traffic.ts"
import { holdsMarker, MARKER, planted } from "./support/planted.ts"
import { relayChat } from "./support/relay.ts"

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

function raw(value: Json): RawRequest {
  const contentType = "application/json"
  return { contentType, contentTypeHeader: contentType, bytes: Buffer.from(JSON.stringify(value)) }
}

describe("a marker planted in any leaf, key or new field", () => {
  it.each(CHAT_REQUESTS)("of the chat request %s is inspected, or the request is refused", (_, body) => {
    let inspected = 0
    let refused = 0
    for (const { path, value } of planted(body as Json)) {
      try {
        const { items } = chat.request(raw(value))
        expect(holdsMarker(items), path).toBe(true)
        inspected++
      } catch (error) {
        expect(error, path).toBeInstanceOf(GuardRefusal)
        expect((error as GuardRefusal).message).not.toContain(MARKER)
        refused++
      }
    }
    expect(inspected).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })

  it.each(CHAT_ANSWERS)("of the chat answer %s is inspected, left out, or the answer is refused", (_, body) => {
    const request = chat.request(raw({ model: "m", messages: [{ role: "user", content: "x" }] }))
    let seen = 0
    for (const { path, value } of planted(body as Json)) {
      try {
        const answer = chat.answer(Buffer.from(JSON.stringify(value)), request)
        const leaves = Buffer.from(answer.payload().bytes).toString().includes(MARKER)
        if (leaves) expect(holdsMarker(answer.items), path).toBe(true)
        if (leaves) seen++
        expect(
          Buffer.from(answer.withheld?.("no").bytes ?? [])
            .toString()
            .includes(MARKER) && !leaves,
        ).toBe(false)
      } catch (error) {
        expect(error, path).toBeInstanceOf(GuardRefusal)
      }
    }
    expect(seen).toBeGreaterThan(0)
  })

  it.each(CHAT_STREAMS)("of the chat stream %s is inspected before it is released, or not released", (_, chunks) => {
    let seen = 0
    for (const [index, chunk] of chunks.entries()) {
      for (const { path, value } of planted(chunk as Json)) {
        const { inspected, released } = relayed(chunks.with(index, value as object))
        if (released.includes(MARKER)) {
          expect(inspected.includes(MARKER), `${index} ${path}`).toBe(true)
          seen++
        }
      }
    }
    expect(seen).toBeGreaterThan(0)
  })
})

/** The text that the checks saw and the text that came out of a stream. */
function relayed(chunks: readonly object[]): { readonly inspected: string; readonly released: string } {
  let inspected = ""
  const eye: Check = {
    name: "eye",
    kind: "text",
    coverage: { directions: ["output"], media: ["text"] },
    deadlineMs: 1_000,
    failureMode: "closed",
    overlapChars: MARKER.length,
    run: (items) => {
      for (const item of items) if (item.kind === "text") inspected += `${item.text}\n`
      return { signals: [], screened: true }
    },
  }
  const { released } = relayChat([Buffer.from(events(...chunks, "[DONE]"))], eye)
  return { inspected, released }
}
