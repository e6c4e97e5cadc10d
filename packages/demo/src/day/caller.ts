/**
 * Calls the service as a browser does: with cookies, from its own origin.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { compact, DependencyError } from "@nightlight/core"

const POLL_MS = 200
/** Slow machines need less than this; a longer wait means that something is broken. */
const POLL_TIMEOUT_MS = 180_000

/** Calls the service as one person, or with one key. */
export interface Caller {
  /** @throws {DependencyError} `unavailable`, with the body of the answer, if its status is not a success. */
  callOrThrow<Body = unknown>(method: string, path: string, body?: object): Promise<Body>
}

/** Makes a caller without a session. `key` is a bearer key for calls without cookies. */
export function createCaller(origin: string, signal: AbortSignal, key?: string): Caller {
  const cookies = new Map<string, string>()
  return {
    callOrThrow: async (method, path, body) => {
      const headers = compact({
        origin,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        "content-type": body === undefined ? undefined : "application/json",
        authorization: key === undefined ? undefined : `Bearer ${key}`,
      })
      const request = compact({ method, signal, headers, body: body && JSON.stringify(body) })
      const response = await fetch(`${origin}${path}`, request)
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        cookies.set(name, value)
      }
      const text = await response.text()
      if (response.ok) return text === "" ? {} : JSON.parse(text)
      throw new DependencyError("unavailable", `the service refused ${method} ${path}: ${text}`)
    },
  }
}

/**
 * Polls until a condition holds.
 *
 * @param description - name of the condition, for the error.
 * @throws {DependencyError} `timed_out` after three minutes.
 */
export async function waitUntil(
  description: string,
  signal: AbortSignal,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = Date.now() + POLL_TIMEOUT_MS
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new DependencyError("timed_out", `timed out waiting for ${description}`)
    await wait(POLL_MS, undefined, { signal })
  }
}
