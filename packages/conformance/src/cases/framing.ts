/**
 * Streams in every framing that the event stream format allows. A client reads the same from each.
 *
 * Source: WHATWG HTML, 9.2.6 "Interpreting an event stream".
 * @module
 */
import type { ConformanceCase } from "../case/case.ts"
import { type Ending, responseStreamEnding, streamEnding } from "../judge/endings.ts"
import { cut, eventText, pieces } from "../mock/answer.ts"
import { chatEvents, completionEvents } from "../mock/chat.ts"
import { messageEvents } from "../mock/responses.ts"
import { chatCall } from "./chat-input.ts"
import { spoken } from "./chat-output.ts"
import { responsesCall } from "./responses.ts"
import { outputCase } from "./twin.ts"

type Frame = (stream: string) => readonly (string | Uint8Array)[]

const bytesBy =
  (size: number): Frame =>
  (stream) => {
    const bytes = Buffer.from(stream)
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, index * size + size),
    )
  }

const FRAMES: Readonly<Record<string, Frame>> = {
  "lines that end in cr lf": (stream) => [stream.replaceAll("\n", "\r\n")],
  "cr and lf in different pieces": (stream) => stream.replaceAll("\n", "\r\n").split(/(?<=\r)/),
  "lines that end in cr": (stream) => [stream.replaceAll("\n", "\r")],
  "several data lines": (stream) => [stream.replace(/^data: (\{"[a-z_]+":)/gm, "data: $1\ndata: ")],
  "no space behind the colon": (stream) => [stream.replaceAll("data: ", "data:")],
  "comments between and within": (stream) => [stream.replace(/^data: /gm, ": hello\n:\ndata: ")],
  "retry and id fields": (stream) => [stream.replace(/^data: /gm, "retry: 10\nid: 7\ndata: ")],
  "three bytes a piece": bytesBy(3),
}

interface Streamed {
  readonly endpoint: "chat" | "completions" | "responses"
  readonly request: { readonly path: string; readonly body: object }
  readonly eventsOf: (text: string) => readonly (object | string)[]
  readonly ending: Ending
  /** Framings that the endpoint's other cases do not have. */
  readonly frames: readonly string[]
}

const every = Object.keys(FRAMES)

const STREAMED: readonly Streamed[] = [
  {
    endpoint: "chat",
    request: chatCall({ stream: true }),
    eventsOf: (text) => chatEvents(cut(text, 17).map((content) => ({ content }))),
    ending: streamEnding,
    frames: [
      "cr and lf in different pieces",
      "no space behind the colon",
      "retry and id fields",
      "three bytes a piece",
    ],
  },
  {
    endpoint: "completions",
    request: { path: "/completions", body: { model: "mock-1", prompt: "hello", stream: true } },
    eventsOf: (text) => completionEvents(cut(text, 17)),
    ending: streamEnding,
    frames: every,
  },
  {
    endpoint: "responses",
    request: responsesCall({ stream: true }),
    eventsOf: (text) => messageEvents({ deltas: cut(text, 17), done: text, part: text, item: text, last: text }),
    ending: responseStreamEnding,
    frames: every,
  },
]

/** Cases about framing. */
export const FRAMING_CASES: readonly ConformanceCase[] = STREAMED.flatMap(
  ({ endpoint, request, eventsOf, ending, frames }) =>
    frames.map((fault) =>
      outputCase({
        endpoint,
        channel: "text in a stream",
        fault,
        stream: true,
        mustArrive: true,
        request,
        answer: (planted) => pieces(FRAMES[fault]?.(eventsOf(spoken(planted)).map(eventText).join("")) ?? []),
        ending,
      }),
    ),
)
