import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { compact } from "@nightlight/core"
import { request as call } from "undici"
import { answerStream, answerWhole } from "./answer.ts"
import { isFound, leavesOf } from "./leaves.ts"
import { type Holes, holesOf, readRequest } from "./request.ts"
import type { Switch } from "./switches.ts"
import { besides, bodyOf, headersOn, sendError, sendJson } from "./wire.ts"

/** A gateway that inspects everything before it passes it on, except for the holes that were opened in it. */
export interface LeakyGateway extends AsyncDisposable {
  readonly url: string
}

const ROUTES: Readonly<Record<string, string>> = {
  "POST /v1/chat/completions": "chat",
  "POST /v1/responses": "responses",
  "POST /v1/completions": "completions",
  "POST /v1/embeddings": "embeddings",
  "POST /v1/images/generations": "images.generations",
  "POST /v1/images/edits": "images.edits",
  "POST /v1/images/variations": "images.variations",
  "GET /v1/models": "models",
  "POST /v1/moderations": "moderations",
  "POST /beta/litellm_basic_guardrail_api": "litellm",
}

/** Starts one in front of an upstream. */
export async function startLeakyGateway(
  upstream: string,
  marker: string,
  switches: readonly Switch[],
): Promise<LeakyGateway> {
  const holes = holesOf(switches)
  const server = createServer((request, response) => {
    handle(request, response, upstream, marker, holes).catch(() => {
      if (response.headersSent) response.destroy()
      else sendError(response, 502, "upstream_failed", "server_error")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: string,
  marker: string,
  holes: Holes,
): Promise<void> {
  const { open } = holes
  const { method = "", url = "" } = request
  const [path = "", query] = url.split("?")
  const bytes = await bodyOf(request)
  if (open.has("tells-its-list")) response.setHeader("x-blocked-phrases", marker)
  const endpoint = ROUTES[`${method} ${path}`]
  if (endpoint === undefined || (query !== undefined && !open.has("query-forwarded"))) {
    if (!open.has("unknown-routes-proxied")) return sendError(response, 404, "unknown_url")
    const passed = await call(upstream.replace(/\/v1$/, "") + url, { method: method as "GET", body: bytes })
    response.writeHead(passed.statusCode, { "content-type": "application/json" }).end(await bodyOf(passed.body))
    return
  }
  const read = await readRequest(request, endpoint, bytes, marker, holes)
  if (endpoint === "moderations" || endpoint === "litellm") {
    const isHit = isFound(leavesOf(JSON.parse(bytes.toString())), marker)
    const moderation = { id: "m", model: "m", results: [{ flagged: isHit, categories: {}, category_scores: {} }] }
    return sendJson(response, 200, endpoint === "litellm" ? { action: isHit ? "BLOCKED" : "NONE" } : moderation)
  }
  const block = () => sendBlock(response, bytes, marker, open)
  if (read.kind === "refused") return sendError(response, read.status, read.code)
  if (read.kind === "found") return block()
  if (open.has("streams-fail") && read.json["stream"] === true)
    return sendError(response, 500, "broken", "server_error")
  const gone = new AbortController()
  response.once("close", () => {
    if (!response.writableFinished && !open.has("upstream-not-cancelled")) gone.abort()
  })
  const answer = await call(upstream + path.slice("/v1".length) + (query === undefined ? "" : `?${query}`), {
    method: method as "POST",
    headers: headersOn(request, read.contentType),
    body: read.bytes ?? null,
    signal: gone.signal,
  })
  const contentType = String(answer.headers["content-type"] ?? "")
  const chunks: Buffer[] = []
  let isCut = false
  try {
    for await (const chunk of answer.body) chunks.push(chunk as Buffer)
  } catch {
    isCut = true
  }
  if (answer.statusCode >= 300) {
    if (open.has("errors-passed-on")) {
      response.writeHead(answer.statusCode, { "content-type": "application/json" }).end(Buffer.concat(chunks))
      return
    }
    return sendError(response, answer.statusCode < 400 ? 502 : answer.statusCode, "upstream_failed", "server_error")
  }
  const answering = { endpoint, marker, holes, response, block }
  if (read.json["stream"] !== true)
    return answerWhole(isCut ? Buffer.alloc(0) : Buffer.concat(chunks), contentType, answering)
  if (contentType !== "text/event-stream") return sendError(response, 502, "upstream_failed", "server_error")
  answerStream(chunks, isCut, answering)
}

function sendBlock(response: ServerResponse, bytes: Buffer, marker: string, open: ReadonlySet<string>): void {
  if (open.has("refusal-is-no-json")) {
    response.writeHead(400, { "content-type": "text/plain", "x-should-retry": "false" }).end("not let through")
    return
  }
  const status = open.has("blocked-as-446") ? 446 : open.has("blocked-as-500") ? 500 : 400
  const type = open.has("blocked-with-another-type") ? "content_filter" : "invalid_request_error"
  const message = open.has("refusal-quotes") ? `not let through: ${bytes.toString().slice(0, 2000)}` : "not let through"
  const headers = compact({ "x-should-retry": open.has("retry-header-missing") ? undefined : "false" })
  const error = { message, type, param: null, code: "content_filter" }
  sendJson(response, status, besides({ error }, marker, open), headers)
}
