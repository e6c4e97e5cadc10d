/**
 * Chat cases with an upstream that fails, breaks off or sends wrong answers.
 * @module
 */
import { gzipSync } from "node:zlib"
import type { ConformanceCase, Planted } from "../case/case.ts"
import { isSuccess, type Received } from "../client/received.ts"
import { streamEnding, wholeEnding } from "../judge/endings.ts"
import { reachedClient } from "../judge/leaks.ts"
import { errorOf, failureProblems } from "../judge/refusal.ts"
import { cutOff, events, eventText, json, pieces, raw } from "../mock/answer.ts"
import { chatChunk, chatCompletion, chatEvents } from "../mock/chat.ts"
import type { Answer } from "../mock/mock-upstream.ts"
import { chatCall } from "./chat-input.ts"
import { outputCase, toFacts } from "./twin.ts"

const errorBody = ({ word }: Planted) => ({ error: { message: `no: ${word}`, type: "server_error", code: word } })
const streamCall = chatCall({ stream: true })

const lie = (fault: string, answer: (planted: Planted) => Answer, stream = false): ConformanceCase =>
  outputCase({
    endpoint: "chat",
    channel: "text",
    fault,
    stream,
    answer,
    mayFail: true,
    request: stream ? streamCall : chatCall(),
    ending: stream ? streamEnding : wholeEnding(),
  })

/** An upstream error must reach the client as an error. */
const fails = (fault: string, answer: (planted: Planted) => Answer, stream = false): ConformanceCase => ({
  ...toFacts({ endpoint: "chat" as const, channel: "answer", fault }, "output", stream),
  run: async ({ upstream, send, marked, fail }) => {
    upstream.answer = answer(marked)
    const received = await send(stream ? streamCall : chatCall())
    if (reachedClient(received, marked)) fail("reached_client")
    if (!(stream && isSuccess(received))) for (const problem of failureProblems(received)) fail(problem)
    else if (!saysSo(received)) fail("fault_passed_on")
    return "sound"
  },
})

/** Whether a stream reports its failure: by an error, or as ended by a filter. */
function saysSo({ events: got, text }: Received): boolean {
  return (
    got.some(({ json: value }) => errorOf(value) !== undefined) ||
    /"(?:finish_reason|reason)":"content_filter"/.test(text)
  )
}

/** A stream that was cut off must not look complete. */
const truncated = (fault: string, answer: Answer): ConformanceCase => ({
  ...toFacts({ endpoint: "chat" as const, channel: "answer", fault }, "output", true),
  run: async ({ upstream, send, fail }) => {
    upstream.answer = answer
    const received = await send(streamCall)
    if (!received.broken && isSuccess(received) && !saysSo(received)) fail("truncation_hidden")
    return "sound"
  },
})

/** Cases about faults of the upstream. */
export const CHAT_FAULT_CASES: readonly ConformanceCase[] = [
  fails("success that holds an error", (planted) => json(errorBody(planted))),
  fails("error whose words hold the marker", (planted) => json(errorBody(planted), 500)),
  fails("refusal whose words hold the marker", (planted) => json(errorBody(planted), 400)),
  fails("page instead of JSON", ({ word }) => raw(`<html>${word}</html>`, "text/html")),
  fails("JSON that is not whole", ({ word }) => raw(`{"choices":[{"message":{"content":"${word}`, "application/json")),
  fails("another object", ({ word }) => json({ object: "other", text: word })),
  fails("connection that breaks", ({ word }) => cutOff("application/json", `{"id":"${word}"`)),
  fails("stream that nobody asked for", ({ word }) => events(chatEvents([{ content: word }]))),
  fails("JSON in place of a stream", ({ word }) => json(chatCompletion([{ content: word }])), true),
  fails("error within a stream", (planted) => events([chatChunk({ content: "so" }), errorBody(planted)]), true),
  fails("event that is no JSON", ({ word }) => events([chatChunk({ content: "so" }), `{"a":"${word}`, "[DONE]"]), true),
  lie("the same key twice", ({ word }) => {
    const text = JSON.stringify(chatCompletion([{ content: "so" }]))
    return raw(text.replace('"content":"so"', `"content":"${word}","content":"so"`), "application/json")
  }),
  lie("more choices than were asked for", ({ word }) => json(chatCompletion([{ content: "so" }, { content: word }]))),
  lie("packed though nobody asked", ({ word }) =>
    raw(gzipSync(JSON.stringify(chatCompletion([{ content: word }]))), "application/json", 200, {
      "content-encoding": "gzip",
    }),
  ),
  lie("a header that says it", ({ word }) => json(chatCompletion([{ content: "so" }]), 200, { "x-note": word })),
  lie(
    "a comment within the stream",
    ({ word }) => pieces([`: ${word}\n\n`, ...chatEvents([{ content: "so" }]).map(eventText)]),
    true,
  ),
  lie(
    "names and ids of events",
    ({ word }) =>
      pieces(chatEvents([{ content: "so" }]).map((event) => `event: ${word}\nid: ${word}\n${eventText(event)}`)),
    true,
  ),
  lie(
    "text after the end",
    ({ word }) => events([...chatEvents([{ content: "so" }]), chatChunk({ content: word })]),
    true,
  ),
  lie(
    "choice nobody asked for",
    ({ word }) =>
      events([
        chatChunk({ content: "so" }),
        chatChunk({ content: word }, 1),
        chatChunk({}, 0, "stop"),
        chatChunk({}, 1, "stop"),
        "[DONE]",
      ]),
    true,
  ),
  lie(
    "last event without an end of line",
    ({ word }) =>
      pieces([eventText(chatChunk({ content: "so" })), eventText(chatChunk({ content: word }, 0, "stop")).trimEnd()]),
    true,
  ),
  truncated(
    "stream cut off",
    cutOff("text/event-stream", [chatChunk({ role: "assistant", content: "so" })].map(eventText).join("")),
  ),
  truncated("stream that ends early", events([chatChunk({ role: "assistant", content: "so" })])),
  {
    ...toFacts({ endpoint: "chat" as const, channel: "answer", fault: "redirect" }, "output", false),
    run: async ({ upstream, send, fail }) => {
      const location = `${upstream.url}/elsewhere`
      const usual = json(chatCompletion([{ content: "so" }]))
      upstream.answer = (response, seen) => {
        if (seen.path === "/elsewhere") return usual(response, seen)
        response.writeHead(307, { location }).end()
        return undefined
      }
      const received = await send(chatCall())
      if (upstream.requests.length > 1) fail("link_passed_on")
      if (received.headers["location"] !== undefined) fail("link_passed_on")
      return "sound"
    },
  },
  {
    ...toFacts({ endpoint: "chat" as const, channel: "answer", fault: "client that goes away" }, "output", true),
    run: async ({ upstream, send, fail }) => {
      const leaving = new AbortController()
      upstream.answer = async (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.write(eventText(chatChunk({ role: "assistant", content: "so" })))
        leaving.abort()
        await new Promise((resolve) => response.once("close", resolve))
      }
      await send({ ...streamCall, signal: leaving.signal })
      for (let waited = 0; upstream.disconnected.length === 0 && waited < LEAVE_MS; waited += POLL_MS) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
      if (upstream.disconnected.length === 0) fail("upstream_not_cancelled")
      return "sound"
    },
  },
]

const POLL_MS = 20
/** Time after a client's disconnect within which the gateway must cancel the upstream request. */
const LEAVE_MS = 5_000
