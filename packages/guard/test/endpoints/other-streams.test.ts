import { describe, expect, it } from "vitest"
import { completions } from "../../src/endpoints/completions/endpoint.ts"
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
const reasonsOf = (released: string) =>
  choicesOf(released).flatMap(({ index, finish_reason }) => (finish_reason === null ? [] : [[index, finish_reason]]))

describe("a stream of completions", () => {
  const relay = (events: readonly object[], blocks?: string, request = two) =>
    relayed(completions, request, eventsOf(events), blocks)

  it("ends every choice as filtered when something is found in one, even across two pieces", () => {
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
    [
      "gives more choices than were asked for",
      [...COMPLETIONS_STREAM.slice(0, 2), { choices: [{ index: 2, text: "x" }] }],
    ],
    [
      "goes on after the end of a choice",
      [...COMPLETIONS_STREAM, COMPLETIONS_STREAM[0] as object, COMPLETIONS_STREAM[3] as object],
    ],
    ["has no choices", [{ id: "x" }]],
    ["has a text that is none", [{ choices: [{ index: 0, text: 1 }] }]],
  ])("that %s fails, without saying why", (_, events) => {
    const { failed, released } = relay(events)
    expect(failed).toBe("upstream_failed")
    expect(released).not.toContain("secret words")
  })
})

describe("a stream of pictures", () => {
  const relay = (events: readonly object[], blocks?: string) =>
    relayed(imagesGenerations, drawn, eventsOf(events), blocks)
  const [partial, completed] = imagesStream("image_generation") as [object, object]

  it("never contains an unfinished picture or an event of an unknown kind", () => {
    const { released } = relay([partial, { type: "image_generation.preview", b64_json: "AAAA" }, completed])
    expect(sent(released).map(({ type }) => type)).toEqual(["image_generation.completed"])
  })

  it.each<[string, readonly object[]]>([
    ["gives more pictures than were asked for", [completed, completed]],
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
