import { chunk, events } from "@nightlight/dev-env/guard/upstream"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Check } from "../src/checks/check.ts"
import { CHAT_STREAMS } from "./support/chat-traffic.ts"
import { relayChat } from "./support/relay.ts"

const WORD = "canary-phrase"
const check: Check = {
  name: "words",
  kind: "text",
  coverage: { directions: ["output"], media: ["text"] },
  deadlineMs: 10_000,
  failureMode: "closed",
  overlapChars: WORD.length,
  run: (items) => ({
    signals: items.some((item) => item.kind === "text" && item.text.includes(WORD))
      ? [{ check: "words", rule: "canary", decision: "block" }]
      : [],
    screened: true,
  }),
}

interface Released {
  readonly choices: readonly {
    readonly index: number
    readonly delta: Record<string, unknown>
    readonly finish_reason: string | null
  }[]
}

/** What a client has in the end: texts joined by choice and field, the rest as it came. */
function joined(released: string): { readonly texts: Record<string, string>; readonly rest: unknown[] } {
  const texts: Record<string, string> = {}
  const rest: unknown[] = []
  for (const [, data = ""] of released.matchAll(/^data: (.*)$/gm)) {
    if (data === "[DONE]") {
      rest.push(data)
      continue
    }
    for (const { index, delta, finish_reason } of (JSON.parse(data) as Released).choices) {
      for (const [field, value] of Object.entries(delta)) {
        if (typeof value === "string") texts[`${index}.${field}`] = (texts[`${index}.${field}`] ?? "") + value
        else rest.push([index, field, value])
      }
      if (finish_reason !== null) rest.push([index, finish_reason])
    }
  }
  return { texts, rest }
}

describe("a streamed chat completion", () => {
  it.each(CHAT_STREAMS)("%s comes out the same whatever its bytes are cut into", (_, chunks) => {
    const bytes = Buffer.from(events(...chunks, "[DONE]"))
    const whole = joined(relayChat([bytes], check).released)
    expect(whole.rest).toContain("[DONE]")
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { released, failed } = relayChat([bytes.subarray(0, cut), bytes.subarray(cut)], check)
      expect(failed).toBe(false)
      expect(joined(released)).toEqual(whole)
    }
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(joined(relayChat(single, check).released)).toEqual(whole)
  })

  it("never ends well when it is cut off, wherever that is, and never gives away what was held", () => {
    const bytes = Buffer.from(
      events(
        chunk({ content: "good" }),
        chunk({ content: ` ${WORD}` }),
        chunk({}, { finish_reason: "stop" }),
        "[DONE]",
      ),
    )
    for (let cut = 0; cut < bytes.length; cut++) {
      const { released, stopped, failed } = relayChat([bytes.subarray(0, cut)], check)
      expect(stopped || failed).toBe(true)
      expect(released).not.toContain(WORD)
      expect(released).not.toContain("[DONE]")
    }
  })

  it("made of anything at all neither crashes nor hangs", () => {
    const junk = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        "data: [DONE]\n\n",
        'data: {"choices":[]}\n\n',
        'data: {"choices":[{"index":0,"delta":{}}]}\n\n',
        "event: error\n",
        ":\n",
        "\r",
      ),
      fc.json().map((text) => `data: ${text}\n\n`),
    )
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 30 }), (pieces) => {
        relayChat(
          pieces.map((piece) => Buffer.from(piece)),
          check,
        )
      }),
      { numRuns: 500 },
    )
  })
})
