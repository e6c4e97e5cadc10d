/**
 * A plain HTTP client for the gateway under test.
 * @module
 */

import { gunzipSync } from "node:zlib"
import { compact } from "@nightlight/core"
import { Pool } from "undici"
import { type Received, toReceived } from "./received.ts"

/** A request. */
export interface Outgoing {
  /** Default: `POST`. */
  readonly method?: string
  /** Path below the target's base URL, such as `/chat/completions`; sent unchanged. */
  readonly path: string
  /** Whether the path is below the target's root instead of its base URL. */
  readonly fromRoot?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: object | Uint8Array
  /** Aborts the call. */
  readonly signal?: AbortSignal
}

/** A client of one target. */
export interface Client {
  send(request: Outgoing): Promise<Received>
  close(): Promise<void>
}

/** The gateway under test, and its caller's credentials. */
export interface ClientOptions {
  readonly target: URL
  /** Sent as a bearer token. */
  readonly key?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further statuses with which the target blocks. */
  readonly blocksWith?: ReadonlySet<number>
  /** Time limit for a complete answer. */
  readonly timeoutMs: number
}

/** Opens a client. */
export function openClient({ target, key, headers: always = {}, blocksWith, timeoutMs }: ClientOptions): Client {
  const pool = new Pool(target.origin, { connections: 4, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
  const base = target.pathname.replace(/\/+$/, "")
  return {
    send: async ({ method = "POST", path, fromRoot = false, headers = {}, body, signal }) => {
      const deadline = AbortSignal.timeout(timeoutMs)
      const isBytes = body instanceof Uint8Array
      const sent = compact({
        "content-type": body !== undefined && !isBytes ? "application/json" : undefined,
        authorization: key === undefined ? undefined : `Bearer ${key}`,
        ...always,
        ...headers,
      })
      const chunks: Buffer[] = []
      let status = 0
      let got: Record<string, string> = {}
      try {
        const answer = await pool.request({
          method: method as "POST",
          path: fromRoot ? path : base + path,
          headers: sent,
          body: body === undefined ? null : isBytes ? body : JSON.stringify(body),
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        })
        status = answer.statusCode
        got = oneValueEach(answer.headers)
        for await (const chunk of answer.body) chunks.push(chunk as Buffer)
        return toReceived(status, got, plain(Buffer.concat(chunks), got), false, blocksWith?.has(status) === true)
      } catch {
        return toReceived(status, got, plain(Buffer.concat(chunks), got), true, blocksWith?.has(status) === true)
      }
    },
    close: () => pool.destroy(),
  }
}

function oneValueEach(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]))
}

/** Decompresses a body, as clients do. */
function plain(bytes: Buffer, headers: Readonly<Record<string, string>>): Uint8Array {
  if (headers["content-encoding"] !== "gzip") return bytes
  try {
    return gunzipSync(bytes)
  } catch {
    return bytes
  }
}
