import { describe, expect, it } from "vitest"
import { responses } from "../../src/endpoints/responses/endpoint.ts"
import { eventsOf, rawJson, relayed, sent } from "../support/planted.ts"
import { messageEvents, RESPONSES_STREAMS, responseOf, streamOf } from "./traffic/responses.ts"

const request = responses.request(rawJson({ model: "gpt-x", input: "x", stream: true, instructions: "Be brief." }))
const relay = (events: readonly object[], blocks?: string) => relayed(responses, request, eventsOf(events), blocks)
const typesOf = (released: string) => sent(released).map(({ type }) => type)
const textOf = (released: string) =>
  sent(released)
    .filter(({ type }) => type === "response.output_text.delta")
    .map(({ delta }) => delta)
    .join("")
const last = (released: string) => sent(released).at(-1) as { readonly type: string; readonly response: Response }

interface Response {
  readonly id: string
  readonly status: string
  readonly incomplete_details: { readonly reason: string } | null
  readonly output: readonly { readonly type: string; readonly content?: readonly Record<string, unknown>[] }[]
  readonly usage: { readonly total_tokens: number } | null
  readonly [field: string]: unknown
}

describe("a streamed response without a finding", () => {
  it.each(RESPONSES_STREAMS)("of %s counts its events without a gap", (_, events) => {
    const { released, failed } = relay(events)
    expect(failed).toBeUndefined()
    expect(sent(released).map(({ sequence_number }) => sequence_number)).toEqual(
      sent(released).map((_event, index) => index),
    )
  })

  it("has every event of a message, with the text in each event that repeats it", () => {
    const { released } = relay(streamOf(messageEvents(["A ", "dot."]), []))
    expect(typesOf(released)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.annotation.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ])
    const repeats = sent(released).filter(
      ({ type, ...event }) => type !== "response.output_text.delta" && JSON.stringify(event).includes('"A dot."'),
    )
    expect(repeats.map(({ type }) => type)).toEqual([
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ])
    expect(last(released).response.usage?.total_tokens).toBe(3)
    expect(last(released).response.output[0]?.content?.[0]).toMatchObject({
      annotations: [{ url: "https://a.example" }],
    })
  })

  it("contains tool calls and pictures whole, in the order in which they were completed", () => {
    const { released } = relay(RESPONSES_STREAMS[1]?.[1] as readonly object[])
    const { output } = last(released).response
    expect(output.map(({ type }) => type)).toEqual([
      "reasoning",
      "message",
      "function_call",
      "custom_tool_call",
      "image_generation_call",
      "message",
    ])
    expect(typesOf(released)).not.toContain("response.image_generation_call.partial_image")
    const done = sent(released).filter(({ type }) => type === "response.output_item.done")
    expect(done.map(({ output_index }) => output_index)).toEqual([0, 1, 2, 3, 4, 5])
    expect(output).toEqual(done.map(({ item }) => item))
  })

  it("repeats the request as it was inspected, not as the upstream repeats it", () => {
    const events = streamOf([], []).map((event) => JSON.parse(JSON.stringify(event).replaceAll("Be brief.", "Be bad.")))
    const { released } = relay(events)
    expect(released).not.toContain("Be bad.")
    expect(last(released).response["instructions"]).toBe("Be brief.")
  })
})

describe("a streamed response that ends early", () => {
  it("because of its length is passed on as incomplete, with its text", () => {
    const events = streamOf(messageEvents(["A ", "dot."]), []).with(-1, {
      type: "response.incomplete",
      response: responseOf([], { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }),
    })
    const { type, response } = last(relay(events).released)
    expect(type).toBe("response.incomplete")
    expect(response.incomplete_details).toEqual({ reason: "max_output_tokens" })
    expect(response.output).toHaveLength(1)
  })

  it("because of a failure is passed on as failed; its error text and the text before are inspected", () => {
    const error = { code: "server_error", message: "bad-words broke" }
    const failed = { type: "response.failed", response: responseOf([], { status: "failed", error }) }
    const events = [...streamOf(messageEvents(["A ", "dot."]), []).slice(0, 6), failed]
    const passed = relay(events)
    expect(last(passed.released).type).toBe("response.failed")
    expect(last(passed.released).response["error"]).toEqual(error)
    expect(textOf(passed.released)).toBe("A dot.")
    expect(passed.inspected).toContain("bad-words broke")
    const { blocked, released } = relay(events, "bad-words")
    expect(blocked).toBe(true)
    expect(released).not.toContain("bad-words")
  })

  it("has message ids of the guard's own", () => {
    const ids = [1, 2].flatMap(() =>
      sent(relay(streamOf(messageEvents(["A"]), [])).released).map((event) => event["item_id"]),
    )
    const own = new Set(ids.filter((id) => id !== undefined))
    expect(own.size).toBe(2)
    for (const id of own) expect(id).toMatch(/^msg_[0-9a-f]{32}$/)
  })
})

describe("a streamed response in which something is found", () => {
  const pieces = (text: string, size: number) => text.match(new RegExp(`.{1,${size}}`, "g")) ?? []

  it.each([1, 4, 9, 100])("ends as filtered, and no event contains it, in deltas of %i characters", (size) => {
    const text = "a good beginning, and then bad-words, and more"
    const { released, blocked } = relay(streamOf(messageEvents(pieces(text, size)), []), "bad-words")
    expect(blocked).toBe(true)
    expect(released).not.toContain("bad-words")
    expect("a good beginning, and then ").toContain(textOf(released))
    const { type, response } = last(released)
    expect(type).toBe("response.incomplete")
    expect(response.incomplete_details).toEqual({ reason: "content_filter" })
    const content = response.output.flatMap((item) => item.content ?? [])
    expect(content.at(-1)).toEqual({ type: "refusal", refusal: "withheld here" })
    expect(sent(released).map(({ sequence_number }) => sequence_number)).toEqual(
      sent(released).map((_e, index) => index),
    )
  })

  it("closes every part and item that it opened", () => {
    const { released } = relay(streamOf(messageEvents(pieces("fine so far. bad-words", 3)), []), "bad-words")
    const count = (type: string) => typesOf(released).filter((one) => one === type).length
    expect(count("response.content_part.added")).toBe(count("response.content_part.done"))
    expect(count("response.output_item.added")).toBe(count("response.output_item.done"))
    expect(count("response.created")).toBe(1)
  })

  it.each<[string, { readonly type: string; readonly text?: string }]>([
    ["only in the event that ends a text", { type: "response.output_text.done", text: "A dot. bad-words" }],
    ["only in the event that ends a part", { type: "response.output_item.done" }],
    ["only in the terminal event", { type: "response.completed" }],
  ])("withholds %s", (_, { type, text }) => {
    const events = streamOf(messageEvents(["A dot."]), []).filter(
      (event) =>
        type === "response.output_text.done" ||
        !("output_index" in event) ||
        (type === "response.output_item.done" && (event as { readonly type?: string }).type === type),
    )
    const item = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "A dot. bad-words", annotations: [] }],
    }
    const changed = events.map((event) => {
      const of = (event as { readonly type?: string }).type
      if (of !== type) return event
      if (text !== undefined) return { ...event, text }
      return of === "response.completed" ? { ...event, response: responseOf([item]) } : { ...event, item }
    })
    const { released, blocked, inspected } = relay(changed, "bad-words")
    expect(inspected).toContain("bad-words")
    expect(blocked).toBe(true)
    expect(released).not.toContain("bad-words")
  })

  it("in a tool call contains no part of that call", () => {
    const events = JSON.parse(JSON.stringify(RESPONSES_STREAMS[1]?.[1]).replaceAll(":1}", ":9}")) as object[]
    const { released, blocked } = relay(events, ":9}")
    expect(blocked).toBe(true)
    expect(typesOf(released)).not.toContain("response.function_call_arguments.delta")
    expect(released).not.toContain("call_1")
  })

  it("before anything was released still begins and ends as the API does", () => {
    const { released } = relay(streamOf([], []), "resp_1")
    expect(typesOf(released).slice(0, 2)).toEqual(["response.created", "response.in_progress"])
    expect(last(released).type).toBe("response.incomplete")
    expect(released).not.toContain('"resp_1"')
  })
})

describe("an upstream with a faulty stream", () => {
  const good = streamOf(messageEvents(["A ", "dot."]), [])
  it.each<[string, readonly object[]]>([
    ["goes on after the end of a text", [...good.slice(0, 8), good[4] as object]],
    [
      "has an item of a kind nobody asked for",
      [
        ...good.slice(0, 2),
        { type: "response.output_item.done", output_index: 0, item: { type: "mcp_call", id: "m", name: "x" } },
      ],
    ],
    [
      "leaves a call unfinished",
      [
        ...good.slice(0, 2),
        { type: "response.function_call_arguments.delta", output_index: 0, delta: "{" },
        { type: "response.completed", response: responseOf([]) },
      ],
    ],
    ["has a position that is none", [...good.slice(0, 2), { ...good[4], output_index: -1 }]],
    ["is no object", [...good.slice(0, 2), [] as object]],
  ])("%s: the call fails, and none of its text passes", (_, events) => {
    const { failed, released } = relay(events)
    expect(failed).toBe("upstream_failed")
    expect(released).not.toContain("secret words")
  })

  it("whose final text differs from its deltas: the inspected deltas count", () => {
    const changed = good.map((event) => ("text" in event ? { ...(event as object), text: "Another." } : event))
    const { released, failed } = relay(changed)
    expect(failed).toBeUndefined()
    expect(released).not.toContain("Another.")
    expect(textOf(released)).toBe("A dot.")
  })
})
