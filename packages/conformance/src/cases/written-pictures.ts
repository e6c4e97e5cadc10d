/**
 * Pictures within texts, which a client that renders the text shows.
 * @module
 */
import type { ConformanceCase, Planted } from "../case/case.ts"
import { responseEnding, responseStreamEnding, streamEnding, wholeEnding } from "../judge/endings.ts"
import { cut, events, json } from "../mock/answer.ts"
import { chatCompletion, chatEvents } from "../mock/chat.ts"
import { messageEvents, messageItem, outputText, responseObject } from "../mock/responses.ts"
import { chatCall } from "./chat-input.ts"
import { traceOf, WRITTEN_PICTURES, type WritePicture } from "./picture-writings.ts"
import { responsesCall } from "./responses.ts"
import { inputCase, outputCase } from "./twin.ts"

const CHANNEL = "picture in a text"
/** Length of a streamed piece, characters: no piece holds a whole picture, and most end within one. */
const PIECE = 509

const all = Object.entries(WRITTEN_PICTURES)
/** One of each class is enough for endpoints with the same kind of text. */
const SOME: ReadonlySet<string> = new Set([
  "data url",
  "behind another picture",
  "slash escaped",
  "type of any bytes",
  "percent bytes",
  "long html number",
  "html in a data url",
  "bare base64",
])
const some = all.filter(([how]) => SOME.has(how))

const about = (how: string, write: WritePicture) => ({
  channel: CHANNEL,
  fault: how,
  traces: (planted: Planted) => traceOf(write(planted)),
})
const said = (content: unknown) => chatCall({ messages: [{ role: "user", content }] })
const toolResult = (content: string) =>
  chatCall({
    messages: [
      { role: "user", content: "hello" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "call_1", content },
    ],
  })

/** Cases about pictures in texts. */
export const WRITTEN_PICTURE_CASES: readonly ConformanceCase[] = [
  ...all.flatMap(([how, write]) => [
    inputCase({ endpoint: "chat", ...about(how, write), request: (planted) => said(write(planted)) }),
    outputCase({
      endpoint: "chat",
      ...about(how, write),
      request: chatCall(),
      answer: (planted) => json(chatCompletion([{ content: write(planted) }])),
      ending: wholeEnding(1),
    }),
    outputCase({
      endpoint: "chat",
      ...about(how, write),
      stream: true,
      request: chatCall({ stream: true }),
      answer: (planted) => events(chatEvents(cut(write(planted), PIECE).map((content) => ({ content })))),
      ending: streamEnding,
    }),
  ]),
  ...some.flatMap(([how, write]) => [
    inputCase({
      endpoint: "chat",
      ...about(how, write),
      channel: `${CHANNEL} of a tool's result`,
      request: (planted) => toolResult(write(planted)),
    }),
    outputCase({
      endpoint: "responses",
      ...about(how, write),
      request: responsesCall(),
      answer: (planted) => json(responseObject([messageItem(outputText(write(planted)))])),
      ending: responseEnding,
    }),
    outputCase({
      endpoint: "responses",
      ...about(how, write),
      stream: true,
      request: responsesCall({ stream: true }),
      answer: (planted) => {
        const text = write(planted)
        return events(messageEvents({ deltas: cut(text, PIECE), done: text, part: text, item: text, last: text }))
      },
      ending: responseStreamEnding,
    }),
  ]),
]
