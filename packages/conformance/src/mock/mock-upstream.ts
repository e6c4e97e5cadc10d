/**
 * The mock service behind the gateway: records requests and answers as a case says.
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { DependencyError, tryParseJson } from "@nightlight/core"

/** A request as the mock received it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Uint8Array
  /** The body as JSON; `undefined` if it is not a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

/** Answers a request. */
export type Answer = (response: ServerResponse, seen: Seen) => void | Promise<void>

/** A running mock upstream. */
export interface MockUpstream {
  /** Base URL that the gateway under test must have as its upstream. */
  readonly url: string
  /** Requests since the case began. */
  readonly requests: Seen[]
  /** The current answer; a case sets it. */
  answer: Answer
  /** Requests whose caller disconnected before the end of the answer. */
  readonly disconnected: Seen[]
  close(): Promise<void>
}

/** Address of the mock. */
export interface MockPlace {
  readonly host?: string
  /** 0 or absent: any free port. */
  readonly port?: number
}

/** Listens for the gateway under test. @throws {DependencyError} `unavailable` when the port is taken. */
export async function startMockUpstream({ host = "127.0.0.1", port = 0 }: MockPlace = {}): Promise<MockUpstream> {
  const server = createServer((request, response) => {
    answerRequest(request, response, upstream).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new DependencyError("unavailable", "the mock upstream's port cannot be used")))
    server.listen(port, host, resolve)
  })
  const upstream: MockUpstream = {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    disconnected: [],
    answer: (response) => void response.writeHead(500).end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return upstream
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: MockUpstream,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const { method = "", url = "", headers } = request
  const seen: Seen = { method, path: url.replace(/^\/v1(?=\/)/, ""), headers, bytes, json: toJson(bytes) }
  upstream.requests.push(seen)
  response.once("close", () => {
    if (!response.writableFinished) upstream.disconnected.push(seen)
  })
  await upstream.answer(response, seen)
}

function toJson(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  const value = tryParseJson(bytes.toString())
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
}
