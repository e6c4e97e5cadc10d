/**
 * Chat cases about requests.
 * @module
 */
import type { ConformanceCase, Planted } from "../case/case.ts"
import { base64Of, bystander, dataUrlOf } from "../case/markers.ts"
import { inputCase } from "./twin.ts"

/** A chat request with a harmless last message. */
export function chatBody(rest: object = {}): object {
  return { model: "mock-1", messages: [{ role: "user", content: "hello" }], ...rest }
}

/** A call with {@link chatBody}. */
export function chatCall(rest: object = {}): { readonly path: string; readonly body: object } {
  return { path: "/chat/completions", body: chatBody(rest) }
}

const said = (content: unknown, rest: object = {}) => ({ messages: [{ role: "user", content }], ...rest })
const image = (url: string) => said([{ type: "image_url", image_url: { url } }])
const tool = (rest: object) => ({ tools: [{ type: "function", function: { name: "look", ...rest } }] })
const called = (name: string, args: string) => ({
  messages: [
    { role: "user", content: "hello" },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name, arguments: args } }],
    },
    { role: "tool", tool_call_id: "call_1", content: "done" },
  ],
})

const CHANNELS: Readonly<Record<string, (planted: Planted) => object>> = {
  "user text": ({ word }) => said(`so, ${word} it is`),
  "text part": ({ word }) => said([{ type: "text", text: word }]),
  "second text part": ({ word }) =>
    said([
      { type: "text", text: "hello" },
      { type: "text", text: word },
    ]),
  "parts that join": ({ word }) =>
    said([
      { type: "text", text: word.slice(0, 19) },
      { type: "text", text: word.slice(19) },
    ]),
  "system text": ({ word }) => ({
    messages: [
      { role: "system", content: word },
      { role: "user", content: "hello" },
    ],
  }),
  "developer text": ({ word }) => ({
    messages: [
      { role: "developer", content: word },
      { role: "user", content: "hello" },
    ],
  }),
  "earlier user text": ({ word }) => ({
    messages: [
      { role: "user", content: word },
      { role: "assistant", content: "yes" },
      { role: "user", content: "hello" },
    ],
  }),
  "earlier answer": ({ word }) => ({
    messages: [
      { role: "assistant", content: word },
      { role: "user", content: "hello" },
    ],
  }),
  "tool result": ({ word }) => ({
    messages: [
      { role: "user", content: "hello" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "call_1", content: word },
    ],
  }),
  "replayed tool arguments": ({ word }) => called("look", JSON.stringify({ at: word })),
  "name of a message": ({ word }) => ({ messages: [{ role: "user", content: "hello", name: word }] }),
  "tool description": ({ word }) => tool({ description: word }),
  "tool name": ({ word }) => ({ tools: [{ type: "function", function: { name: word } }] }),
  "description in a tool schema": ({ word }) =>
    tool({ parameters: { type: "object", properties: { at: { type: "string", description: word } } } }),
  "property name in a tool schema": ({ word }) =>
    tool({ parameters: { type: "object", properties: { [word]: { type: "string" } } } }),
  "response format schema": ({ word }) => ({
    response_format: { type: "json_schema", json_schema: { name: "answer", schema: { type: "object", title: word } } },
  }),
  "stop word": ({ word }) => ({ stop: [word] }),
  "metadata value": ({ word }) => ({ metadata: { team: word } }),
  "metadata name": ({ word }) => ({ metadata: { [word]: "team" } }),
  "user id": ({ word }) => ({ user: word }),
  prediction: ({ word }) => ({ prediction: { type: "content", content: word } }),
  "model name": ({ word }) => ({ model: word }),
  "field nobody knows": ({ word }) => ({ x_extra: word }),
  "field nobody knows in a message": ({ word }) => ({ messages: [{ role: "user", content: "hello", x_extra: word }] }),
  picture: (planted) => image(dataUrlOf(planted)),
  "picture under another type": (planted) => image(`data:image/jpeg;base64,${base64Of(planted)}`),
  "second picture": (planted) =>
    said([
      { type: "text", text: "two" },
      { type: "image_url", image_url: { url: dataUrlOf(bystander()) } },
      { type: "image_url", image_url: { url: dataUrlOf(planted), detail: "low" } },
    ]),
  "picture in an earlier turn": (planted) => ({
    messages: [
      { role: "user", content: [{ type: "image_url", image_url: { url: dataUrlOf(planted) } }] },
      { role: "assistant", content: "yes" },
      { role: "user", content: "hello" },
    ],
  }),
  "file part": (planted) => said([{ type: "file", file: { filename: "a.png", file_data: dataUrlOf(planted) } }]),
  "audio part": (planted) => said([{ type: "input_audio", input_audio: { data: base64Of(planted), format: "wav" } }]),
}

/** Spellings of the marker that a reader does not notice or can still read. */
const SPELLINGS: Readonly<Record<string, (word: string) => string>> = {
  "in capitals": (word) => word.toUpperCase(),
  "in full-width letters": (word) =>
    word.replace(/[a-z]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
  "with invisible characters": (word) => word.split("").join("\u200b"),
  "in look-alike letters": (word) => word.replaceAll("a", "\u0430").replaceAll("e", "\u0435").replaceAll("o", "\u043e"),
}

const textCases = Object.entries(CHANNELS).map(([channel, rest]) =>
  inputCase({ endpoint: "chat", channel, request: (planted) => chatCall(rest(planted)) }),
)

const spellingCases = Object.entries(SPELLINGS).map(([how, spell]) =>
  inputCase({
    endpoint: "chat",
    channel: "user text",
    fault: `written ${how}`,
    request: ({ word }) => chatCall(said(spell(word))),
  }),
)

/** JSON in which every character of the word is an escape. */
const escaped = ({ word }: Planted): Uint8Array => {
  const codes = word.replace(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return Buffer.from(`{"model":"mock-1","messages":[{"role":"user","content":"${codes}"}]}`)
}

/** Cases about chat requests, each also with a streamed answer, which must not make a difference. */
export const CHAT_INPUT_CASES: readonly ConformanceCase[] = [
  ...textCases,
  ...spellingCases,
  inputCase({
    endpoint: "chat",
    channel: "user text",
    fault: "written in JSON escapes",
    request: (planted) => ({
      path: "/chat/completions",
      headers: { "content-type": "application/json" },
      body: escaped(planted),
    }),
  }),
  ...["user text", "tool description", "picture"].map((channel) =>
    inputCase({
      endpoint: "chat",
      channel,
      stream: true,
      request: (planted) => chatCall({ ...(CHANNELS[channel] as (planted: Planted) => object)(planted), stream: true }),
    }),
  ),
]
