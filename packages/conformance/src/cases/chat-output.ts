/**
 * Chat cases about answers, whole and streamed.
 * @module
 */
import type { ConformanceCase, Planted } from "../case/case.ts"
import { AFTER, dataUrlOf } from "../case/markers.ts"
import { streamEnding, wholeEnding } from "../judge/endings.ts"
import { cut, events, eventText, json, pieces, slowly } from "../mock/answer.ts"
import { chatChunk, chatCompletion, chatEvents } from "../mock/chat.ts"
import { chatCall } from "./chat-input.ts"
import { outputCase } from "./twin.ts"

/** A text with the planted word in it and more text after it. */
export function spoken({ word }: Planted): string {
  return `a good beginning, then ${word}, and ${AFTER}`
}

const call = (name: string, args: string) => ({
  tool_calls: [{ id: "call_1", type: "function", function: { name, arguments: args } }],
})

const MESSAGES: Readonly<Record<string, (planted: Planted) => object>> = {
  text: (planted) => ({ content: spoken(planted) }),
  refusal: (planted) => ({ refusal: spoken(planted) }),
  reasoning: (planted) => ({ content: "so", reasoning_content: spoken(planted) }),
  "tool arguments": ({ word }) => call("look", JSON.stringify({ at: word })),
  "tool name": ({ word }) => call(word, "{}"),
  "call of the old form": ({ word }) => ({ function_call: { name: "look", arguments: JSON.stringify({ at: word }) } }),
  "title of a citation": ({ word }) => ({
    content: "so",
    annotations: [
      { type: "url_citation", url_citation: { start_index: 0, end_index: 1, title: word, url: "https://example.org" } },
    ],
  }),
  "field nobody knows": ({ word }) => ({ content: "so", x_extra: word }),
  "transcript of audio": ({ word }) => ({ audio: { id: "a", expires_at: 1, data: "AAAA", transcript: word } }),
  "picture beside the text": (planted) => ({
    content: "so",
    images: [{ type: "image_url", image_url: { url: dataUrlOf(planted) } }],
  }),
}

const whole = Object.entries(MESSAGES).map(([channel, message]) =>
  outputCase({
    endpoint: "chat",
    channel,
    mustArrive: channel === "text" || channel === "tool arguments",
    request: chatCall(),
    answer: (planted) => json(chatCompletion([message(planted)])),
    ending: wholeEnding(1),
  }),
)

const streamCall = chatCall({ stream: true })

const streamed = (channel: string, answer: (planted: Planted) => readonly (object | string)[], request = streamCall) =>
  outputCase({
    endpoint: "chat",
    channel,
    stream: true,
    mustArrive: channel.startsWith("text") || channel === "tool arguments",
    request,
    answer: (planted) => events(answer(planted)),
    ending: streamEnding,
  })

/** The same stream with different framing. */
const wired = (fault: string, wire: (text: string) => readonly (string | Uint8Array)[]) =>
  outputCase({
    endpoint: "chat",
    channel: "text",
    fault,
    stream: true,
    mustArrive: true,
    request: streamCall,
    answer: (planted) => {
      const deltas = cut(`grüße, ${spoken(planted)}`, 7).map((content) => ({ content }))
      return pieces(wire(chatEvents(deltas).map(eventText).join("")))
    },
    ending: streamEnding,
  })

/** Cases about chat answers. */
export const CHAT_OUTPUT_CASES: readonly ConformanceCase[] = [
  ...whole,
  outputCase({
    endpoint: "chat",
    channel: "second choice",
    request: chatCall({ n: 2 }),
    answer: (planted) => json(chatCompletion([{ content: "so" }, { content: spoken(planted) }])),
    ending: wholeEnding(2),
  }),
  outputCase({
    endpoint: "chat",
    channel: "logprobs",
    request: chatCall(),
    answer: ({ word }) => {
      const answer = chatCompletion([{ content: "so" }]) as { choices: object[] }
      const logprobs = { content: [{ token: word, logprob: -1, bytes: null, top_logprobs: [] }], refusal: null }
      return json({ ...answer, choices: answer.choices.map((choice) => ({ ...choice, logprobs })) })
    },
    ending: wholeEnding(1),
  }),
  outputCase({
    endpoint: "chat",
    channel: "head of the answer",
    request: chatCall(),
    answer: ({ word }) => json(chatCompletion([{ content: "so" }], { system_fingerprint: word })),
    ending: wholeEnding(1),
  }),
  ...[1, 3, 19, 400].map((size) =>
    streamed(`text in deltas of ${size}`, (planted) =>
      chatEvents(cut(spoken(planted), size).map((content) => ({ content }))),
    ),
  ),
  streamed("text behind a long beginning", (planted) =>
    chatEvents(cut(`${"one two three ".repeat(120)}${spoken(planted)}`, 11).map((content) => ({ content }))),
  ),
  streamed("text and its end in one event", (planted) => [
    chatChunk({ role: "assistant", content: spoken(planted) }, 0, "stop"),
    "[DONE]",
  ]),
  streamed("refusal", (planted) => chatEvents(cut(spoken(planted), 6).map((refusal) => ({ refusal })))),
  streamed("reasoning", (planted) =>
    chatEvents([...cut(spoken(planted), 6).map((reasoning_content) => ({ reasoning_content })), { content: "so" }]),
  ),
  streamed("tool arguments", ({ word }) =>
    chatEvents(
      [
        { tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "" } }] },
        ...cut(JSON.stringify({ at: word }), 5).map((text) => ({
          tool_calls: [{ index: 0, function: { arguments: text } }],
        })),
      ],
      "tool_calls",
    ),
  ),
  streamed("arguments of the second tool", ({ word }) =>
    chatEvents(
      [
        { tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }] },
        { tool_calls: [{ index: 1, id: "call_2", type: "function", function: { name: "look", arguments: "" } }] },
        ...cut(JSON.stringify({ at: word }), 5).map((text) => ({
          tool_calls: [{ index: 1, function: { arguments: text } }],
        })),
      ],
      "tool_calls",
    ),
  ),
  streamed("tool name", ({ word }) =>
    chatEvents(
      [{ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: word, arguments: "{}" } }] }],
      "tool_calls",
    ),
  ),
  streamed(
    "second choice",
    (planted) => [
      chatChunk({ role: "assistant", content: "so " }, 0),
      ...cut(spoken(planted), 9).flatMap((content) => [chatChunk({ content }, 1), chatChunk({ content: "on " }, 0)]),
      chatChunk({}, 0, "stop"),
      chatChunk({}, 1, "stop"),
      "[DONE]",
    ],
    chatCall({ stream: true, n: 2 }),
  ),
  streamed("logprobs", ({ word }) => [
    chatChunk({ role: "assistant", content: "so" }),
    {
      ...chatChunk({}),
      choices: [
        {
          index: 0,
          delta: { content: " on" },
          logprobs: { content: [{ token: word, logprob: -1, bytes: null, top_logprobs: [] }] },
          finish_reason: null,
        },
      ],
    },
    chatChunk({}, 0, "stop"),
    "[DONE]",
  ]),
  streamed("padding", ({ word }) => [
    chatChunk({ role: "assistant", content: "so" }, 0, null, { obfuscation: word }),
    chatChunk({}, 0, "stop"),
    "[DONE]",
  ]),
  streamed("field nobody knows", ({ word }) => chatEvents(cut(word, 5).map((x_extra) => ({ content: "so", x_extra })))),
  wired("cut within characters", (text) => {
    const bytes = Buffer.from(text)
    return Array.from({ length: Math.ceil(bytes.length / 64) }, (_, index) => [
      bytes.subarray(index * 64, index * 64 + 1),
      bytes.subarray(index * 64 + 1, index * 64 + 64),
    ]).flat()
  }),
  wired("lines end in CR LF", (text) => [text.replaceAll("\n", "\r\n")]),
  wired("lines end in CR", (text) => [text.replaceAll("\n", "\r")]),
  wired("events of several data lines", (text) => [text.replaceAll(',"object"', ',\ndata: "object"')]),
  wired("a byte order mark and comments", (text) => [
    `\ufeff: hello\n\n${text.replaceAll("\n\n", "\n\n: still here\n\n")}`,
  ]),
  wired("all in one piece", (text) => [text]),
  outputCase({
    endpoint: "chat",
    channel: "text",
    fault: "a pause within the marker",
    stream: true,
    mustArrive: true,
    request: streamCall,
    answer: (planted) => {
      const { word } = planted
      const [before = "", after = ""] = spoken(planted).split(word)
      const halves = [before + word.slice(0, 25), word.slice(25) + after]
      return slowly(chatEvents(halves.map((content) => ({ content }))).map(eventText), 150)
    },
    ending: streamEnding,
  }),
]
