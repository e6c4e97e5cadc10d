import { chat } from "../../src/endpoints/chat/endpoint.ts"
import { completions } from "../../src/endpoints/completions/endpoint.ts"
import type { Endpoint, ReadRequest } from "../../src/endpoints/endpoint.ts"
import { imagesEdits } from "../../src/endpoints/images-edits/endpoint.ts"
import { imagesGenerations } from "../../src/endpoints/images-generations/endpoint.ts"
import { responses } from "../../src/endpoints/responses/endpoint.ts"
import { COMPLETIONS_STREAM, imagesStream } from "../endpoints/traffic/others.ts"
import { messageEvents, RESPONSES_STREAMS, streamOf } from "../endpoints/traffic/responses.ts"
import { CHAT_STREAMS } from "../support/chat-traffic.ts"
import { rawJson, sent } from "../support/planted.ts"

/** A codec, with streams to try it on. */
export interface TestedCodec {
  readonly name: string
  readonly endpoint: Endpoint
  readonly request: ReadRequest
  /** A stream that nothing is found in. */
  readonly events: readonly object[]
  /** Whether `[DONE]` ends it. */
  readonly isDone: boolean
  /** A stream that holds {@link word}, where the API has texts over the edge of two pieces. */
  readonly found: readonly object[]
  /** The word that the test's check finds. */
  readonly word: string
  /** An event by which the upstream says that it failed, with words of its own. */
  readonly error: object
  /** The result that a client has in the end, without ids that are made anew each time. */
  readonly shown: (released: string) => unknown
}

const WORD = "bad-words"

/** The events with texts replaced. */
function replaced(events: readonly object[], ...pairs: readonly (readonly [string, string])[]): object[] {
  const text = pairs.reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(events))
  return JSON.parse(text) as object[]
}

interface Choice {
  readonly index: number
  readonly text?: string
  readonly delta?: Record<string, unknown>
  readonly finish_reason?: string | null
}

/** Texts joined by choice and field, the rest as it came. */
function joined(released: string): unknown {
  const texts: Record<string, string> = {}
  const rest: unknown[] = [released.endsWith("data: [DONE]\n\n")]
  for (const { choices } of sent(released) as unknown as readonly { readonly choices: readonly Choice[] }[]) {
    for (const { index, delta, text, finish_reason = null } of choices) {
      for (const [field, value] of Object.entries(delta ?? { text })) {
        if (typeof value === "string") texts[`${index}.${field}`] = (texts[`${index}.${field}`] ?? "") + value
        else rest.push([index, field, value])
      }
      if (finish_reason !== null) rest.push([index, finish_reason])
    }
  }
  return { texts, rest }
}

/** Texts of deltas joined, and the event that ends it. */
function responded(released: string): unknown {
  const all = sent(released)
  const text = all.flatMap(({ type, delta }) => (type === "response.output_text.delta" ? [delta] : [])).join("")
  return { text, last: JSON.parse(JSON.stringify(all.at(-1) ?? null).replaceAll(/\b([a-z]+_)[0-9a-f]{32}/g, "$1")) }
}

const chatRequest = chat.request(
  rawJson({ model: "m", messages: [{ role: "user", content: "x" }], stream: true, n: 4 }),
)
const responsesRequest = responses.request(
  rawJson({ model: "gpt-x", input: "x", stream: true, instructions: "Be brief." }),
)
const drawn = imagesGenerations.request(rawJson({ model: "gpt-image-1", prompt: "x", stream: true }))
const refused = { error: { message: "secret words" } }

/** Every codec there is. */
export const CODECS: readonly TestedCodec[] = [
  ...CHAT_STREAMS.map(
    ([name, events]): TestedCodec => ({
      name: `chat, ${name}`,
      endpoint: chat,
      request: chatRequest,
      events,
      isDone: true,
      found: replaced(events, ['"Hi"', `"Hi ${WORD}"`]),
      word: WORD,
      error: refused,
      shown: joined,
    }),
  ),
  {
    name: "completions",
    endpoint: completions,
    request: completions.request(rawJson({ model: "m-1", prompt: "x", n: 2, stream: true })),
    events: COMPLETIONS_STREAM,
    isDone: true,
    found: replaced(COMPLETIONS_STREAM, ['"Once "', '"Once bad"'], ['"upon"', '"-words"']),
    word: WORD,
    error: refused,
    shown: joined,
  },
  ...RESPONSES_STREAMS.map(
    ([name, events]): TestedCodec => ({
      name: `responses, ${name}`,
      endpoint: responses,
      request: responsesRequest,
      events,
      isDone: false,
      found: streamOf(messageEvents(["fine so far. bad", "-words", " and more"]), []),
      word: WORD,
      error: { type: "error", code: "x", message: "secret words" },
      shown: responded,
    }),
  ),
  ...(
    [
      ["images.generations", imagesGenerations, imagesStream("image_generation")],
      ["images.edits", imagesEdits, imagesStream("image_edit")],
    ] as const
  ).map(
    ([name, endpoint, events]): TestedCodec => ({
      name,
      endpoint,
      request: drawn,
      events,
      isDone: false,
      found: events,
      word: "PNG",
      error: { type: "error", ...refused },
      shown: sent,
    }),
  ),
]
