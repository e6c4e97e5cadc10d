/**
 * The upstream over a pool of kept connections: the global `fetch` costs a gateway three to four times its throughput.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import { Pool } from "undici"
import { GuardRefusal } from "../errors.ts"
import { createConnectionTurns } from "./connection-turns.ts"
import { type HeaderForms, pickHeaders } from "./headers.ts"
import type { Upstream, UpstreamAnswer, UpstreamCall } from "./ports.ts"
import { type ResponseHead, UpstreamResponse } from "./response.ts"

/** Where the upstream is and how long it may take. */
export interface UpstreamOptions {
  /** Base URL, such as `http://127.0.0.1:8000/v1`. */
  readonly url: URL
  /** Milliseconds until its headers must arrive. */
  readonly headersMs: number
  /** Milliseconds between two pieces of its body. */
  readonly idleMs: number
  /** Connections at once. */
  readonly connections: number
  /** Milliseconds that a call waits for a connection. */
  readonly waitMs: number
}

/** The part of `guard.yaml` about the upstream's connections. */
export interface UpstreamConfig {
  readonly headersSeconds: number
  readonly idleSeconds: number
  readonly connections: number
  readonly waitSeconds: number
}

/**
 * Opens the pool as `guard.yaml` says.
 *
 * @param workers - how many processes share the connections.
 */
export function openConfiguredUpstream(url: URL, config: UpstreamConfig, workers = 1): Upstream {
  return openUpstream({
    url,
    headersMs: config.headersSeconds * 1000,
    idleMs: config.idleSeconds * 1000,
    connections: Math.max(1, Math.floor(config.connections / workers)),
    waitMs: config.waitSeconds * 1000,
  })
}

/** Opens the pool; connections are made when they are needed. */
export function openUpstream({ url, headersMs, idleMs, connections, waitMs }: UpstreamOptions): Upstream {
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    headersTimeout: headersMs,
    bodyTimeout: idleMs,
    connect: { timeout: Math.min(headersMs, 10_000) },
    maxHeaderSize: 32 * 1024,
  })
  const base = url.pathname.replace(/\/+$/, "")
  const turns = createConnectionTurns(connections, waitMs)
  return {
    waiting: () => turns.waiting,
    call: async ({ method, path, payload, streamed, headers, headersBack }: UpstreamCall, signal) => {
      const giveBack = await turns.take(signal)
      const response = new UpstreamResponse(signal, giveBack)
      pool.dispatch(
        {
          method,
          path: base + path,
          body: payload?.bytes ?? null,
          headers: {
            ...headers,
            "user-agent": "nightlight-guard",
            // A compressed stream would have to be unpacked here, and would stall meanwhile.
            "accept-encoding": "identity",
            accept: streamed ? "text/event-stream, application/json" : "application/json",
            ...compact({ "content-type": payload?.contentType }),
          },
        },
        response,
      )
      return toAnswer(await response.begun(), response, headersBack)
    },
    close: () => pool.destroy(),
  }
}

function toAnswer({ status, headers }: ResponseHead, response: UpstreamResponse, back: HeaderForms): UpstreamAnswer {
  const encoding = headers["content-encoding"]
  if ((status >= 300 && status < 400) || (encoding !== undefined && encoding !== "identity")) {
    response.cancel()
    throw new GuardRefusal("upstream_failed", "the upstream's answer is a redirect or is compressed")
  }
  const type = headers["content-type"]
  return {
    status,
    contentType: typeof type === "string" ? (type.split(";", 1)[0] ?? "").trim().toLowerCase() : "",
    headers: pickHeaders(headers, back),
    bytes: (maxBytes) => response.bytes(maxBytes),
    chunks: { [Symbol.asyncIterator]: () => response.chunks() },
    cancel: () => response.cancel(),
  }
}

/** Reads the base URL of an upstream. @throws {RequestError} `config_invalid`. */
export function parseUpstreamUrl(url: string | null): URL {
  const parsed = url === null ? undefined : URL.parse(url)
  if (parsed == null || !/^https?:$/.test(parsed.protocol) || parsed.search !== "" || parsed.username !== "") {
    throw new RequestError("config_invalid", "the guard needs the base URL of an upstream", {
      hint: "Give it by --upstream http://127.0.0.1:8000/v1, or as upstream.url in guard.yaml.",
    })
  }
  return parsed
}
