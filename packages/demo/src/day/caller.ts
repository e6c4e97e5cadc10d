/**
 * Calls the service as a browser does: with cookies, from its own origin.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { compact, DependencyError } from "@nightlight/core"

const LOOK_MS = 200
/** A machine may be slow; one that is slower than this has another problem. */
const PATIENCE_MS = 180_000

/** Somebody's calls. */
export interface Caller {
  /** Calls, and fails unless that succeeds. */
  must<Body = Readonly<Record<string, unknown>>>(method: string, path: string, body?: object): Promise<Body>
  /** As {@link Caller.must}, with bytes in place of a document; `authorization` where no cookie stands for the caller. */
  send<Body = Readonly<Record<string, unknown>>>(sent: Sent): Promise<Body>
}

/** A call as it is sent. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly type?: string
  readonly key?: string
}

/**
 * Makes a caller without a session.
 *
 * @throws {DependencyError} `unavailable`, with the service's own words, when a call does not succeed.
 */
export function createCaller(origin: string, signal: AbortSignal): Caller {
  const cookies = new Map<string, string>()
  const send = async <Body>({ method, path, body, type, key }: Sent): Promise<Body> => {
    const response = await fetch(
      `${origin}${path}`,
      compact({
        method,
        signal,
        headers: compact({
          origin,
          cookie: cookies.size > 0 ? [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") : undefined,
          "content-type": type,
          authorization: key === undefined ? undefined : `Bearer ${key}`,
        }),
        body,
      }),
    )
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === "") cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await response.text()
    if (!response.ok) {
      throw new DependencyError("unavailable", `the service did not take ${method} ${path}: ${text}`, {
        details: { status: response.status },
      })
    }
    return (text === "" ? {} : JSON.parse(text)) as Body
  }
  return {
    send,
    must: (method, path, body) =>
      send(
        compact({
          method,
          path,
          body: body === undefined ? undefined : JSON.stringify(body),
          type: body === undefined ? undefined : "application/json",
        }),
      ),
  }
}

/**
 * Looks again and again until there is an answer.
 *
 * @param what - Says what is waited for, and how it stands.
 * @throws {DependencyError} `timed_out` after three minutes.
 */
export async function until<Value>(
  what: () => string,
  signal: AbortSignal,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  const deadlineMs = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await look()
    if (value !== undefined) return value
    if (Date.now() > deadlineMs) throw new DependencyError("timed_out", `waited in vain for ${what()}`)
    await wait(LOOK_MS, undefined, { signal })
  }
}
