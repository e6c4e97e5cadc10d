import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { conversationPieces, messagePieces, slicesOf } from "../../src/checks/classifiers/conversation/pieces.ts"
import { turnsOf } from "../../src/checks/classifiers/conversation/turns.ts"
import { judgedTurns } from "../../src/checks/classifiers/llama-guard-form.ts"
import { chat } from "../../src/endpoints/chat/endpoint.ts"
import { litellm } from "../../src/endpoints/litellm/endpoint.ts"
import { responses } from "../../src/endpoints/responses/endpoint.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"

const LIMITS = { maxChars: 400, overlapChars: 20, maxPieces: 512 }

/** The items of a request, by the endpoint's own reading. */
function itemsOf(body: object, endpoint = chat): readonly CheckItem[] {
  const bytes = Buffer.from(JSON.stringify({ model: "a-model", ...body }))
  return endpoint.request({ contentType: "application/json", contentTypeHeader: "application/json", bytes })
    .items as readonly CheckItem[]
}

function toolOf(properties: number): object {
  return {
    type: "function",
    function: {
      name: "book_table",
      description: "Books a table in a restaurant",
      parameters: {
        type: "object",
        properties: Object.fromEntries(
          Array.from({ length: properties }, (_, index) => [
            `field_${index}`,
            { type: "string", description: `What field ${index} is for`, enum: ["one", "two"] },
          ]),
        ),
        required: ["field_0"],
      },
    },
  }
}

describe("the turns of a request", () => {
  it("are one for each message, with its parts, calls and roles, and one for all tools", () => {
    const turns = turnsOf(
      itemsOf({
        messages: [
          { role: "system", content: "You book tables." },
          {
            role: "user",
            content: [
              { type: "text", text: "a quartz umb" },
              { type: "text", text: "rella, please" },
            ],
          },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "call_1", type: "function", function: { name: "book_table", arguments: '{"for":2}' } }],
          },
          { role: "tool", tool_call_id: "call_1", content: "done" },
        ],
        tools: [toolOf(40), toolOf(3)],
        user: "user-17",
        metadata: { trace: "0af7651916cd43dd" },
      }),
      "input",
    )
    expect(turns.map(({ role, isDefinition }) => [role, isDefinition])).toEqual([
      ["system", true],
      ["system", false],
      ["user", false],
      ["assistant", false],
      ["tool", false],
    ])
    expect(turns.slice(1).map(({ text }) => text)).toEqual([
      "You book tables.",
      "a quartz umbrella, please",
      'book_table\n{"for":2}',
      "done",
    ])
    expect(turns[0]?.text).toContain("field_39: \ntype: string\ndescription: What field 39 is for")
  })

  it("leave out ids, names and keys, and keep labels with words", () => {
    const body = {
      messages: [{ role: "user", content: "hello", name: "a blue canary" }],
      user: "user-17",
      prompt_cache_key: "k-1",
      metadata: { note: "a quartz umbrella", id: "0af7651916cd43dd" },
    }
    expect(turnsOf(itemsOf(body), "input").map(({ text }) => text)).toEqual([
      "a quartz umbrella",
      "hello\na blue canary",
    ])
  })

  it("begin with instructions and tools, wherever these stand in the body", () => {
    const body = { input: [{ role: "user", content: "hello" }], tools: [], instructions: "Be brief." }
    expect(turnsOf(itemsOf(body, responses), "input").map(({ role }) => role)).toEqual(["system", "user"])
  })

  it("keep the roles that LiteLLM sends, and drop its repetitions", () => {
    const said = [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "hello" }] },
      { role: "assistant", content: "Hi." },
    ]
    const bytes = Buffer.from(JSON.stringify({ input_type: "request", texts: ["hello"], structured_messages: said }))
    const { items } = litellm.request({
      contentType: "application/json",
      contentTypeHeader: "application/json",
      bytes,
    })
    const turns = turnsOf(items as readonly CheckItem[], "input")
    expect(turns.map(({ role }) => role)).toEqual(["user", "system", "user", "assistant"])
    expect(turns.map(({ text }) => text)).toEqual(["hello", "Be brief.", "hello", "Hi."])
  })

  it("are one for each choice in an answer", () => {
    const said = (choice: number, path: string, text: string): CheckItem => ({
      kind: "text",
      role: "assistant",
      channel: "text",
      choice,
      path,
      text,
    })
    const turns = turnsOf(
      [said(0, "choices[0].message.content", "a"), said(1, "choices[1].message.content", "b"), said(0, "x", "c")],
      "output",
    )
    expect(turns.map(({ choice, text, items }) => ({ choice, text, items }))).toEqual([
      { choice: 0, text: "ac", items: [0, 2] },
      { choice: 1, text: "b", items: [1] },
    ])
  })
})

const conversation = fc.array(
  fc.record({ role: fc.constantFrom("system", "user", "assistant"), content: fc.string({ maxLength: 1_500 }) }),
  { minLength: 1, maxLength: 12 },
)

describe("the cutting of a conversation", () => {
  it("leaves out no character of any turn, and makes no question too long", () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const turns = turnsOf(itemsOf({ messages }), "input")
        for (const { text } of turns) expect(slicesOf(text, 100, 20)[0]).toBe(text.slice(0, 100))
        for (const pieces of [messagePieces(turns, LIMITS), conversationPieces(turns, LIMITS)]) {
          for (const { text } of pieces) expect(text.length).toBeLessThanOrEqual(LIMITS.maxChars)
          expect(new Set(pieces.flatMap(({ items }) => items))).toEqual(new Set(turns.flatMap(({ items }) => items)))
          for (const { text } of turns) {
            for (let offset = 0; offset < text.length; offset += 10) {
              const bit = text.slice(offset, offset + 10)
              expect(pieces.some((piece) => piece.text.includes(bit))).toBe(true)
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it("puts every character of every turn into a last turn, for a model that judges only the last turn", () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const turns = turnsOf(itemsOf({ messages }), "input")
        const judged = judgedTurns(turns, LIMITS)
        const last = judged.map((one) => one.turns.at(-1)?.text ?? "")
        for (const { text } of turns) {
          for (let offset = 0; offset < text.length; offset += 10) {
            const bit = text.slice(offset, offset + 10)
            expect(last.some((one) => one.includes(bit))).toBe(true)
          }
        }
        for (const { turns: asked } of judged) {
          expect(asked.map(({ side }) => side)).toEqual(asked.map((_, index) => (index % 2 === 0 ? "User" : "Agent")))
          expect(asked.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(LIMITS.maxChars)
        }
      }),
      { numRuns: 60 },
    )
  })

  it("cuts a grown conversation at the same places again, so that only the end is new", () => {
    fc.assert(
      fc.property(conversation, fc.string({ minLength: 1, maxLength: 600 }), (messages, more) => {
        const before = turnsOf(itemsOf({ messages }), "input")
        const after = turnsOf(itemsOf({ messages: [...messages, { role: "user", content: more }] }), "input")
        const texts = (turns: typeof before) => conversationPieces(turns, LIMITS).map(({ text }) => text)
        const [old, grown] = [texts(before), texts(after)]
        expect(grown.slice(0, Math.max(0, old.length - 1))).toEqual(old.slice(0, -1))
        const each = (turns: typeof before) => messagePieces(turns, LIMITS).map(({ text }) => text)
        expect(each(after).slice(0, each(before).length)).toEqual(each(before))
      }),
      { numRuns: 60 },
    )
  })

  it("makes one question of a tool with 40 properties, and a few of a chat with 200 turns", () => {
    const limits = { maxChars: 12_000, overlapChars: 200, maxPieces: 512 }
    const messages = Array.from({ length: 200 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: `Turn ${index}: the weather is fine today, and tomorrow it will be the same. `.repeat(3),
    }))
    const turns = turnsOf(itemsOf({ messages, tools: [toolOf(40)] }), "input")
    expect(messagePieces(turns, limits)).toHaveLength(201)
    expect(conversationPieces(turns, limits).length).toBeLessThan(8)
  })
})
