/**
 * The upstream over a pool of kept connections: the global `fetch` costs a gateway three to four times its throughput.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { errors, Pool } from "undici"
import { GuardRefusal } from "../errors.ts"
import { headersBack } from "./headers.ts"
import type { Upstream, UpstreamAnswer, UpstreamCall } from "./ports.ts"

/** Where the upstream is and how long it may take. */
export interface UpstreamOptions {
  /** Base URL, such as `http://127.0.0.1:8000/v1`. */
  readonly url: URL
  /** Until its headers are there, milliseconds. */
  readonly headersMs: number
  /** Between two pieces of its body, milliseconds. */
  readonly idleMs: number
  /** Connections at once. */
  readonly connections: number
}

type Response = Awaited<ReturnType<Pool["request"]>>

/** Opens the pool; connections are made when they are needed. */
export function openUpstream({ url, headersMs, idleMs, connections }: UpstreamOptions): Upstream {
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    headersTimeout: headersMs,
    bodyTimeout: idleMs,
    connect: { timeout: Math.min(headersMs, 10_000) },
    maxHeaderSize: 32 * 1024,
  })
  const base = url.pathname.replace(/\/+$/, "")
  return {
    call: async ({ method, path, payload, streamed, headers }: UpstreamCall, signal) => {
      try {
        const response = await pool.request({
          method,
          path: base + path,
          signal,
          body: payload?.bytes ?? null,
          headers: {
            ...headers,
            "user-agent": "nightlight-guard",
            // What comes compressed would have to be unpacked by somebody: a stream would stand still meanwhile.
            "accept-encoding": "identity",
            accept: streamed ? "text/event-stream, application/json" : "application/json",
            ...(payload !== undefined && { "content-type": payload.contentType }),
          },
        })
        return toAnswer(response)
      } catch (error) {
        throw toRefusal(error, signal)
      }
    },
    close: () => pool.destroy(),
  }
}

function toAnswer({ statusCode, headers, body }: Response): UpstreamAnswer {
  const cancel = () => {
    body.on("error", () => undefined)
    body.destroy()
  }
  const encoding = headers["content-encoding"]
  if (
    statusCode < 200 ||
    (statusCode >= 300 && statusCode < 400) ||
    (encoding !== undefined && encoding !== "identity")
  ) {
    cancel()
    throw new GuardRefusal("upstream_failed", "the upstream's answer has a form that is not let through")
  }
  const type = headers["content-type"]
  return {
    status: statusCode,
    contentType: typeof type === "string" ? (type.split(";", 1)[0] ?? "").trim().toLowerCase() : "",
    headers: headersBack(headers),
    bytes: (maxBytes) => {
      const length = Number(headers["content-length"] ?? Number.NaN)
      return length <= maxBytes ? readKnown(body) : readWhole(body, maxBytes)
    },
    chunks: chunksOf(body),
    cancel,
  }
}

/** Reads a body whose length its headers give, and hold it to: no iteration piece by piece. */
async function readKnown(body: Response["body"]): Promise<Uint8Array> {
  try {
    return new Uint8Array(await body.arrayBuffer())
  } catch (error) {
    throw toRefusal(error)
  }
}

async function readWhole(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(body)) {
    size += chunk.length
    if (size > maxBytes) throw new GuardRefusal("upstream_failed", "the upstream's answer is too large")
    chunks.push(chunk)
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size)
}

async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of body) yield chunk
  } catch (error) {
    throw toRefusal(error)
  }
}

function toRefusal(error: unknown, signal?: AbortSignal): Error {
  if (error instanceof GuardRefusal) return error
  signal?.throwIfAborted()
  const isTimeout =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  return isTimeout
    ? new GuardRefusal("upstream_timed_out", "the upstream did not answer in time")
    : new GuardRefusal("upstream_failed", "the upstream cannot be reached, or broke off")
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
