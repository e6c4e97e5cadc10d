/**
 * Phrases and pictures split over several parts, fields, items or choices that a reader sees as one text.
 * @module
 */
import type { ConformanceCase, Planted } from "../case/case.ts"
import { dataUrlOf } from "../case/markers.ts"
import { responseEnding, responseStreamEnding, streamEnding, wholeEnding } from "../judge/endings.ts"
import { cut, events, json } from "../mock/answer.ts"
import { chatChunk, chatCompletion, chatEvents } from "../mock/chat.ts"
import { messageItem, numbered, opening, outputText, responseObject } from "../mock/responses.ts"
import { chatCall } from "./chat-input.ts"
import { traceOf } from "./picture-writings.ts"
import { responsesCall } from "./responses.ts"
import { inputCase, outputCase, type Traces } from "./twin.ts"

/** Cuts the planted word or picture in two. */
interface Halved {
  readonly what: string
  readonly halves: (planted: Planted) => readonly [string, string]
  readonly traces: Traces
}

const inTwo = (whole: string, offset: number) => [whole.slice(0, offset), whole.slice(offset)] as const

const HALVED: readonly Halved[] = [
  {
    what: "phrase",
    halves: ({ word }) => inTwo(word, word.length >> 1),
    traces: ({ word }) => inTwo(word, word.length >> 1),
  },
  {
    what: "picture",
    halves: (planted) => inTwo(dataUrlOf(planted), 1000),
    traces: (planted) => [dataUrlOf(planted).slice(900, 1000), ...traceOf(dataUrlOf(planted))],
  },
]

const message = (content: readonly object[], id = "msg_1") => ({ ...messageItem({}, id), content })

/** Events of messages of several parts each. */
function eventsOf(messages: readonly (readonly string[])[]): readonly object[] {
  const items = messages.map((parts, index) =>
    message(
      parts.map((text) => outputText(text)),
      `msg_${index}`,
    ),
  )
  return numbered([
    ...opening(),
    ...messages.flatMap((parts, output_index) => {
      const item_id = `msg_${output_index}`
      return [
        {
          type: "response.output_item.added",
          output_index,
          item: { type: "message", id: item_id, role: "assistant", status: "in_progress", content: [] },
        },
        ...parts.flatMap((text, content_index) => {
          const ids = { output_index, item_id, content_index }
          return [
            { type: "response.content_part.added", ...ids, part: outputText("") },
            ...cut(text, 400).map((delta) => ({ type: "response.output_text.delta", ...ids, delta, logprobs: [] })),
            { type: "response.output_text.done", ...ids, text, logprobs: [] },
            { type: "response.content_part.done", ...ids, part: outputText(text) },
          ]
        }),
        { type: "response.output_item.done", output_index, item: items[output_index] },
      ]
    }),
    { type: "response.completed", response: responseObject(items) },
  ])
}

const casesOf = ({ what, halves, traces }: Halved): readonly ConformanceCase[] => {
  const chat = (fault: string) => ({ endpoint: "chat" as const, channel: `${what} cut in two`, fault, traces })
  const responses = (fault: string) => ({ ...chat(fault), endpoint: "responses" as const })
  return [
    inputCase({
      ...chat("over two parts"),
      request: (planted) =>
        chatCall({ messages: [{ role: "user", content: halves(planted).map((text) => ({ type: "text", text })) }] }),
    }),
    inputCase({
      ...responses("over two parts"),
      request: (planted) =>
        responsesCall({
          input: [{ role: "user", content: halves(planted).map((text) => ({ type: "input_text", text })) }],
        }),
    }),
    outputCase({
      ...chat("over two choices of one number"),
      // A client that collects choices by number joins them.
      request: chatCall(),
      mayFail: true,
      answer: (planted) => {
        const answer = chatCompletion(halves(planted).map((content) => ({ content }))) as { choices: object[] }
        return json({ ...answer, choices: answer.choices.map((choice) => ({ ...choice, index: 0 })) })
      },
      ending: wholeEnding(),
    }),
    outputCase({
      ...responses("over two parts"),
      request: responsesCall(),
      answer: (planted) => json(responseObject([message(halves(planted).map((text) => outputText(text)))])),
      ending: responseEnding,
    }),
    outputCase({
      ...responses("over two messages"),
      request: responsesCall(),
      answer: (planted) =>
        json(responseObject(halves(planted).map((text, index) => message([outputText(text)], `msg_${index}`)))),
      ending: responseEnding,
    }),
    outputCase({
      ...responses("over two parts"),
      stream: true,
      request: responsesCall({ stream: true }),
      answer: (planted) => events(eventsOf([halves(planted)])),
      ending: responseStreamEnding,
    }),
    outputCase({
      ...responses("over two messages"),
      stream: true,
      request: responsesCall({ stream: true }),
      answer: (planted) => events(eventsOf(halves(planted).map((text) => [text]))),
      ending: responseStreamEnding,
    }),
    outputCase({
      ...chat("over two fields"),
      stream: true,
      request: chatCall({ stream: true }),
      answer: (planted) => {
        const [content, refusal] = halves(planted)
        return events(chatEvents([{ content }, { refusal }]))
      },
      ending: streamEnding,
    }),
    outputCase({
      ...chat("over two fields"),
      request: chatCall(),
      answer: (planted) => {
        const [content, refusal] = halves(planted)
        return json(chatCompletion([{ content, refusal }]))
      },
      ending: wholeEnding(1),
    }),
  ]
}

/** Cases about split texts and about many choices. */
export const JOINED_CASES: readonly ConformanceCase[] = [
  ...HALVED.flatMap(casesOf),
  outputCase({
    endpoint: "chat",
    channel: "last of five choices",
    request: chatCall({ n: 5 }),
    answer: ({ word }) => json(chatCompletion(["a", "b", "c", "d", word].map((content) => ({ content })))),
    ending: wholeEnding(5),
  }),
  outputCase({
    endpoint: "chat",
    channel: "last of five choices",
    stream: true,
    request: chatCall({ stream: true, n: 5 }),
    answer: ({ word }) =>
      events([
        ...cut(word, 9).flatMap((content) => [
          ...[0, 1, 2, 3].map((index) => chatChunk({ content: "so " }, index)),
          chatChunk({ content }, 4),
        ]),
        ...[0, 1, 2, 3, 4].map((index) => chatChunk({}, index, "stop")),
        "[DONE]",
      ]),
    ending: streamEnding,
  }),
  outputCase({
    endpoint: "responses",
    channel: "last of three messages",
    request: responsesCall(),
    answer: ({ word }) =>
      json(responseObject(["a", "b", word].map((text, i) => message([outputText(text)], `msg_${i}`)))),
    ending: responseEnding,
  }),
  outputCase({
    endpoint: "responses",
    channel: "last of three messages",
    stream: true,
    request: responsesCall({ stream: true }),
    answer: ({ word }) => events(eventsOf([["a"], ["b"], [word]])),
    ending: responseStreamEnding,
  }),
]
