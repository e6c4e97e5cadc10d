import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { completions } from "../../src/endpoints/completions/endpoint.ts"
import type { Endpoint } from "../../src/endpoints/endpoint.ts"
import { imagesEdits } from "../../src/endpoints/images-edits/endpoint.ts"
import { imagesGenerations } from "../../src/endpoints/images-generations/endpoint.ts"
import { eventsOf, rawJson, relayed, sent } from "../support/planted.ts"
import { COMPLETIONS_STREAM, imagesStream } from "./traffic/others.ts"

const two = completions.request(rawJson({ model: "m-1", prompt: "x", n: 2, stream: true }))
const drawn = imagesGenerations.request(rawJson({ model: "gpt-image-1", prompt: "x", stream: true }))

interface Choice {
  readonly index: number
  readonly text: string
  readonly finish_reason: string | null
}
const choicesOf = (released: string) => sent(released).flatMap(({ choices }) => choices as readonly Choice[])
const textOf = (released: string, index: number) =>
  choicesOf(released)
    .filter((choice) => choice.index === index)
    .map(({ text }) => text)
    .join("")
const reasonsOf = (released: string) =>
  choicesOf(released).flatMap(({ index, finish_reason }) => (finish_reason === null ? [] : [[index, finish_reason]]))

describe("a stream, cut into chunks anywhere, comes out the same", () => {
  it.each<[string, Endpoint, readonly object[], typeof two]>([
    ["of completions", completions, COMPLETIONS_STREAM, two],
    ["of pictures", imagesGenerations, imagesStream("image_generation"), drawn],
    ["of edited pictures", imagesEdits, imagesStream("image_edit"), drawn],
  ])("%s", (_, endpoint, events, request) => {
    const whole = Buffer.concat([...eventsOf(events), Buffer.from("data: [DONE]\r\n\r\n")])
    const { released: expected, failed } = relayed(endpoint, request, [whole])
    expect(failed).toBeUndefined()
    expect(sent(expected).length).toBeGreaterThan(0)
    for (let cut = 1; cut < whole.length; cut++) {
      const { released } = relayed(endpoint, request, [whole.subarray(0, cut), whole.subarray(cut)])
      expect(released.endsWith("data: [DONE]\n\n")).toBe(true)
      if (endpoint !== completions) expect(released).toBe(expected)
      else for (const index of [0, 1]) expect(textOf(released, index)).toBe(textOf(expected, index))
    }
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 30 }), (cuts) => {
        const ends = [...new Set([0, ...cuts, whole.length])].toSorted((a, b) => a - b)
        const { released } = relayed(
          endpoint,
          request,
          ends.slice(1).map((end, at) => whole.subarray(ends[at], end)),
        )
        expect(sent(released).at(-1)).toEqual(sent(expected).at(-1))
      }),
      { numRuns: 50 },
    )
  })
})

describe("a stream of completions", () => {
  const relay = (events: readonly object[], blocks?: string, request = two) =>
    relayed(completions, request, eventsOf(events), blocks)

  it("ends every choice as filtered when something is found in one, over the edge of two pieces", () => {
    const events = COMPLETIONS_STREAM.map((event) =>
      JSON.parse(JSON.stringify(event).replace('"Once "', '"Once bad"').replace('"upon"', '"-words"')),
    )
    const { released, blocked } = relay(events, "bad-words")
    expect(blocked).toBe(true)
    expect(released).not.toContain("-words")
    expect(reasonsOf(released)).toEqual([
      [0, "content_filter"],
      [1, "content_filter"],
    ])
    expect(released.endsWith("data: [DONE]\n\n")).toBe(true)
  })

  it.each<[string, readonly object[]]>([
    ["is cut off", COMPLETIONS_STREAM.slice(0, 3)],
    [
      "gives more choices than were asked for",
      [...COMPLETIONS_STREAM.slice(0, 2), { choices: [{ index: 2, text: "x" }] }],
    ],
    [
      "goes on after the end of a choice",
      [...COMPLETIONS_STREAM, COMPLETIONS_STREAM[0] as object, COMPLETIONS_STREAM[3] as object],
    ],
    ["has an error in it", [COMPLETIONS_STREAM[0] as object, { error: { message: "secret words" } }]],
    ["has no choices", [{ id: "x" }]],
    ["has a text that is none", [{ choices: [{ index: 0, text: 1 }] }]],
  ])("that %s fails, and says nothing of why", (_, events) => {
    const { failed, released } = relay(events)
    expect(failed).toBe("upstream_failed")
    expect(released).not.toContain("secret words")
  })
})

describe("a stream of pictures", () => {
  const relay = (events: readonly object[], blocks?: string) =>
    relayed(imagesGenerations, drawn, eventsOf(events), blocks)
  const [partial, completed] = imagesStream("image_generation") as [object, object]

  it("never has an unfinished picture, nor an event of a kind that is not known", () => {
    const { released } = relay([partial, { type: "image_generation.preview", b64_json: "AAAA" }, completed])
    expect(sent(released).map(({ type }) => type)).toEqual(["image_generation.completed"])
  })

  it.each<[string, readonly object[]]>([
    ["is cut off", [partial]],
    ["gives more pictures than were asked for", [completed, completed]],
    ["has an error in it", [partial, { type: "error", error: { message: "secret words" } }]],
    ["has a picture that is no base64", [{ ...completed, b64_json: "secret words" }]],
  ])("that %s fails", (_, events) => {
    const { failed, released } = relay(events)
    expect(failed).toBe("upstream_failed")
    expect(released).not.toContain("secret words")
  })

  it("ends with an error when something is found", () => {
    const { released, blocked } = relay([completed], "PNG")
    expect(blocked).toBe(true)
    expect(sent(released)).toEqual([
      {
        type: "error",
        error: { message: "withheld here", type: "invalid_request_error", param: null, code: "content_filter" },
      },
    ])
  })
})
