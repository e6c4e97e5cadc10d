import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Clock } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { createOperatorEgress } from "@nightlight/egress"
import { createRemoteService, type RemoteService } from "../../src/checks/classifiers/remote/service.ts"

/** A request that a service got. */
export interface Asked {
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: Record<string, unknown>
}

/** Says what is answered: a value as JSON, or whatever it does with the response itself. */
export type Answers = (asked: Asked, response: ServerResponse) => unknown

/** A classifier on this machine, and the way to it. */
export interface ClassifierService extends AsyncDisposable {
  readonly origin: string
  readonly asked: Asked[]
  readonly service: RemoteService
  answer: Answers
  /** How many connections stand open. */
  connections(): Promise<number>
}

/** Ways in which a service fails, by name. */
export const FAULTS: Readonly<Record<string, Answers>> = {
  "an empty answer": (_, response) => response.end(),
  "no JSON": (_, response) => response.end("safe"),
  "JSON cut short": (_, response) => response.end('{"results":[{"cat'),
  "an error with status 200": () => ({ error: { message: "overloaded" } }),
  "an empty object": () => ({}),
  "a list": () => [],
  "a key twice": (_, response) => response.end('{"labels":{"a":1},"labels":{"a":0}}'),
  "status 204": (_, response) => response.writeHead(204).end(),
  "status 401": (_, response) => response.writeHead(401).end("{}"),
  "status 429": (_, response) => response.writeHead(429).end("{}"),
  "status 503": (_, response) => response.writeHead(503).end("{}"),
  "a redirect": (_, response) => response.writeHead(307, { location: "/elsewhere" }).end(),
  "a broken connection": (_, response) => response.destroy(),
  "more than it may": (_, response) => response.end(`{"labels":"${"x".repeat(70_000)}"}`),
  // Never ends; its connection is closed with the server.
  "nothing, ever": () => undefined,
}

/** Starts one. `undefined` leaves the response to the answer. */
export async function classifierService(
  answer: Answers,
  over: { timeoutMs?: number; clock?: Clock; failures?: number; retries?: number } = {},
): Promise<ClassifierService> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
    request.on("end", () => {
      const got: Asked = {
        path: request.url ?? "",
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      }
      asked.push(got)
      const said = made.answer(got, response)
      if (said !== undefined && said !== response) response.end(JSON.stringify(said))
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { timeoutMs = 2_000, clock, failures = 1_000, retries = 0 } = over
  const entry = { origin, region: "here", contractReference: "none", timeoutMs, maxBytes: 65_536 }
  const service = createRemoteService(
    compact({
      egress: createOperatorEgress(entry),
      headers: { authorization: "Bearer for-tests" },
      breaker: { failures },
      retries,
      retryDelayMs: 0,
      clock,
    }),
  )
  const made: ClassifierService = {
    origin,
    asked,
    service,
    answer,
    connections: () => new Promise((resolve) => server.getConnections((_, open) => resolve(open))),
    [Symbol.asyncDispose]: async () => {
      await service.close()
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  return made
}

/** The simulated moderation endpoint: each text or picture scored by what it holds. */
export function moderationAnswers(scoreOf: (category: string, input: string) => number, applied = true): Answers {
  const categories = ["sexual", "sexual/minors", "violence"]
  return ({ body }) => {
    const inputs = body["input"] as unknown[]
    const isPicture = typeof inputs[0] === "object"
    const results = (isPicture ? ["picture"] : (inputs as string[])).map((input) =>
      compact({
        flagged: false,
        categories: Object.fromEntries(categories.map((category) => [category, false])),
        category_scores: Object.fromEntries(categories.map((category) => [category, scoreOf(category, input)])),
        category_applied_input_types: applied
          ? Object.fromEntries(
              categories.map((category) => [
                category,
                isPicture ? (category === "sexual/minors" ? [] : ["image"]) : ["text"],
              ]),
            )
          : undefined,
      }),
    )
    return { id: "modr-1", model: body["model"], results }
  }
}

/** The simulated completions endpoint. */
export function completionAnswers(textOf: (prompt: string) => string, finish = "stop"): Answers {
  return ({ body }) => ({
    id: "cmpl-1",
    object: "text_completion",
    choices: [{ index: 0, text: textOf(body["prompt"] as string), finish_reason: finish }],
  })
}

/** The simulated chat endpoint of a server that writes a model's own format itself. */
export function chatAnswers(textOf: (content: string) => string, finish = "stop"): Answers {
  return ({ body }) => {
    const messages = body["messages"] as { readonly content: string }[]
    const content = textOf(messages.at(-1)?.content ?? "")
    return {
      id: "chatcmpl-1",
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content, reasoning: "Hm." }, finish_reason: finish }],
    }
  }
}
