import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { compact } from "@nightlight/core"

/** A request as the upstream received it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage["headers"]
  readonly text: string
  readonly body: Record<string, unknown>
}

type Handler = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void | Promise<void>

/** A service behind the guard that records requests and answers as the test says. */
export interface MockUpstream {
  readonly url: string
  readonly seen: Seen[]
  answer: Handler
  close(): Promise<void>
}

/** Starts a mock on any free port. */
export async function startUpstream(answer: Handler = completion("hello there")): Promise<MockUpstream> {
  const seen: Seen[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const body = request.headers["content-type"] === "application/json" ? JSON.parse(text) : {}
    const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, text, body }
    seen.push(one)
    await upstream.answer(one, response, request)
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const upstream: MockUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return upstream
}

/** Makes a handler that answers JSON. */
export function json(value: unknown, status = 200): Handler {
  return (_seen, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
  }
}

/** A chat completion that is not streamed. */
export function chatAnswer(message: object = { content: "hello there" }, rest: object = {}): object {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "mock-1",
    choices: [{ index: 0, message: { role: "assistant", ...message }, logprobs: null, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    ...rest,
  }
}

/** One chunk of a streamed chat completion. */
export function chunk(
  delta: object,
  rest: { index?: number; finish_reason?: string | null; usage?: object } = {},
): object {
  const { index = 0, finish_reason = null, usage } = rest
  return compact({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "mock-1",
    choices: [{ index, delta, finish_reason }],
    usage,
  })
}

/** Events of a stream as text. */
export function events(...values: (object | string)[]): string {
  return values.map((value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("")
}

/** Makes a handler that streams the given pieces. */
export function stream(...pieces: (string | Buffer)[]): Handler {
  return (_seen, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    for (const piece of pieces) response.write(piece)
    response.end()
  }
}

/** Makes a handler that answers a text, as a stream of `size` characters per delta if the request wants one. */
export function completion(text: string, size = 5): Handler {
  return (seen, response, request) => {
    if (seen.body["stream"] !== true) return json(chatAnswer({ content: text }))(seen, response, request)
    const deltas = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? []
    return stream(
      events(
        chunk({ role: "assistant", content: "" }),
        ...deltas.map((content) => chunk({ content })),
        chunk({}, { finish_reason: "stop" }),
        "[DONE]",
      ),
    )(seen, response, request)
  }
}
