/**
 * Cases about the responses API: requests, answers, and events that repeat text.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ConformanceCase, Planted } from "../case/case.ts"
import { base64Of, dataUrlOf } from "../case/markers.ts"
import { responseEnding, responseStreamEnding, responseStreamProblems } from "../judge/endings.ts"
import { cut, events, json } from "../mock/answer.ts"
import {
  callEvents,
  messageEvents,
  messageItem,
  numbered,
  opening,
  outputText,
  responseObject,
} from "../mock/responses.ts"
import { spoken } from "./chat-output.ts"
import { inputCase, outputCase, toFacts } from "./twin.ts"

/** A call of the responses endpoint. */
export function responsesCall(rest: object = {}): { readonly path: string; readonly body: object } {
  return { path: "/responses", body: { model: "mock-1", input: "hello", ...rest } }
}

const said = (part: object) => ({ input: [{ role: "user", content: [part] }] })

const INPUTS: Readonly<Record<string, (planted: Planted) => object>> = {
  "input text": ({ word }) => ({ input: `so, ${word} it is` }),
  "message text": ({ word }) => ({ input: [{ role: "user", content: word }] }),
  "text part": ({ word }) => said({ type: "input_text", text: word }),
  instructions: ({ word }) => ({ instructions: word }),
  "earlier answer": ({ word }) => ({
    input: [messageItem(outputText(word)), { role: "user", content: "hello" }],
  }),
  "tool result": ({ word }) => ({
    input: [
      { role: "user", content: "hello" },
      { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: word },
    ],
  }),
  "replayed tool arguments": ({ word }) => ({
    input: [
      { type: "function_call", call_id: "call_1", name: "look", arguments: JSON.stringify({ at: word }) },
      { type: "function_call_output", call_id: "call_1", output: "done" },
    ],
  }),
  "tool description": ({ word }) => ({
    tools: [{ type: "function", name: "look", description: word, parameters: { type: "object" }, strict: false }],
  }),
  "text format schema": ({ word }) => ({
    text: { format: { type: "json_schema", name: "answer", schema: { type: "object", title: word } } },
  }),
  "metadata value": ({ word }) => ({ metadata: { team: word } }),
  "prompt template": ({ word }) => ({ prompt: { id: "pmpt_1", variables: { at: word } } }),
  "field nobody knows": ({ word }) => ({ x_extra: word }),
  picture: (planted) => said({ type: "input_image", detail: "auto", image_url: dataUrlOf(planted) }),
  file: (planted) => said({ type: "input_file", filename: "a.png", file_data: dataUrlOf(planted) }),
}

const OUTPUTS: Readonly<Record<string, (planted: Planted) => object>> = {
  text: (planted) => messageItem(outputText(spoken(planted))),
  refusal: (planted) => messageItem({ type: "refusal", refusal: spoken(planted) }),
  "tool arguments": ({ word }) => ({
    type: "function_call",
    id: "fc_1",
    call_id: "call_1",
    name: "look",
    status: "completed",
    arguments: JSON.stringify({ at: word }),
  }),
  "reasoning summary": ({ word }) => ({
    type: "reasoning",
    id: "rs_1",
    summary: [{ type: "summary_text", text: word }],
  }),
  "title of a citation": ({ word }) =>
    messageItem(
      outputText("so", [
        { type: "url_citation", start_index: 0, end_index: 1, title: word, url: "https://example.org" },
      ]),
    ),
  picture: (planted) => ({ type: "image_generation_call", id: "ig_1", status: "completed", result: base64Of(planted) }),
  "item nobody knows": ({ word }) => ({ type: "x_extra", id: "x_1", text: word }),
}

const streamCall = responsesCall({ stream: true })

const streamed = (channel: string, answer: (planted: Planted) => readonly object[], fault?: string): ConformanceCase =>
  outputCase({
    endpoint: "responses",
    channel,
    ...compact({ fault, mayFail: fault === undefined ? undefined : true }),
    stream: true,
    mustArrive: channel.startsWith("text"),
    request: streamCall,
    answer: (planted) => events(answer(planted)),
    ending: responseStreamEnding,
  })

const all = (text: string, size: number) =>
  messageEvents({ deltas: cut(text, size), done: text, part: text, item: text, last: text })

const so = { deltas: ["so"], done: "so", part: "so", item: "so", last: "so" }

/** A whole stream with an additional event before its last one. */
function withOneMore(event: object): readonly object[] {
  const usual = messageEvents(so)
  return numbered([...usual.slice(0, -1), event, ...usual.slice(-1)])
}

/** A stream in which one of the repeating events has a different text. */
const repeated = (where: "done" | "part" | "item" | "last", event: string) =>
  streamed(event, ({ word }) => messageEvents({ ...so, [where]: word }), "says what no delta said")

/** Cases about responses. */
export const RESPONSES_CASES: readonly ConformanceCase[] = [
  ...Object.entries(INPUTS).map(([channel, rest]) =>
    inputCase({ endpoint: "responses", channel, request: (planted) => responsesCall(rest(planted)) }),
  ),
  ...["input text", "picture"].map((channel) =>
    inputCase({
      endpoint: "responses",
      channel,
      stream: true,
      request: (planted) =>
        responsesCall({ ...(INPUTS[channel] as (planted: Planted) => object)(planted), stream: true }),
    }),
  ),
  ...Object.entries(OUTPUTS).map(([channel, item]) =>
    outputCase({
      endpoint: "responses",
      channel,
      request: responsesCall(),
      mustArrive: channel === "text",
      answer: (planted) => json(responseObject([item(planted) as Readonly<Record<string, unknown>>])),
      ending: responseEnding,
    }),
  ),
  outputCase({
    endpoint: "responses",
    channel: "text",
    fault: "of an incomplete response",
    request: responsesCall(),
    answer: (planted) =>
      json(
        responseObject([messageItem(outputText(spoken(planted)))], {
          status: "incomplete",
          incomplete_details: { reason: "max_output_tokens" },
        }),
      ),
    ending: responseEnding,
  }),
  ...[1, 7, 400].map((size) => streamed(`text in deltas of ${size}`, (planted) => all(spoken(planted), size))),
  streamed("tool arguments", ({ word }) => callEvents(cut(JSON.stringify({ at: word }), 5))),
  streamed("reasoning summary", ({ word }) =>
    numbered([
      ...opening(),
      {
        type: "response.output_item.added",
        output_index: 0,
        item: { type: "reasoning", id: "rs_1", summary: [] },
      },
      ...cut(word, 5).map((delta) => ({
        type: "response.reasoning_summary_text.delta",
        item_id: "rs_1",
        output_index: 0,
        summary_index: 0,
        delta,
      })),
      {
        type: "response.reasoning_summary_text.done",
        item_id: "rs_1",
        output_index: 0,
        summary_index: 0,
        text: word,
      },
      {
        type: "response.output_item.done",
        output_index: 0,
        item: { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: word }] },
      },
      {
        type: "response.completed",
        response: responseObject([{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: word }] }]),
      },
    ]),
  ),
  repeated("done", "output_text.done"),
  repeated("part", "content_part.done"),
  repeated("item", "output_item.done"),
  repeated("last", "response.completed"),
  streamed(
    "event nobody knows",
    ({ word }) => withOneMore({ type: "response.x_extra.delta", delta: word, text: word }),
    "unknown type",
  ),
  streamed(
    "partial picture",
    (planted) =>
      withOneMore({
        type: "response.image_generation_call.partial_image",
        item_id: "ig_1",
        output_index: 0,
        partial_image_index: 0,
        partial_image_b64: base64Of(planted),
      }),
    "pictures before the picture",
  ),
  streamed(
    "error event",
    ({ word }) => numbered([...opening(), { type: "error", code: word, message: word, param: null }]),
    "error within a stream",
  ),
  streamed(
    "failed response",
    ({ word }) =>
      numbered([
        ...opening(),
        {
          type: "response.failed",
          response: responseObject([messageItem(outputText(word))], {
            status: "failed",
            error: { code: "server_error", message: word },
          }),
        },
      ]),
    "fails with half a text",
  ),
  {
    ...toFacts({ endpoint: "responses" as const, channel: "numbers of events" }, "output", true),
    run: async ({ upstream, send, plain, fail }) => {
      upstream.answer = events(all(spoken(plain), 5))
      const received = await send(streamCall)
      if (received.status === 404 && upstream.requests.length === 0) return "untested"
      for (const problem of responseStreamProblems(received)) fail(problem)
      return "sound"
    },
  },
]
