/**
 * Calls the service as a browser does: with cookies, from its own origin.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { compact, DependencyError } from "@nightlight/core"

const POLL_MS = 200
/** A machine may be slow; one that is slower than this has another problem. */
const PATIENCE_MS = 180_000

/** Calls the service as one person, or with one key. */
export interface Caller {
  /** @throws {DependencyError} `unavailable`, with the service's own words, when the call does not succeed. */
  must<Body = unknown>(method: string, path: string, body?: object): Promise<Body>
}

/** Makes a caller without a session; `key` stands for it where no cookie does. */
export function createCaller(origin: string, signal: AbortSignal, key?: string): Caller {
  const cookies = new Map<string, string>()
  return {
    must: async (method, path, body) => {
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
      throw new DependencyError("unavailable", `the service did not take ${method} ${path}: ${text}`)
    },
  }
}

/**
 * Viewings again and again until something is so.
 *
 * @param what - What is waited for.
 * @throws {DependencyError} `timed_out` after three minutes.
 */
export async function until(what: string, signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new DependencyError("timed_out", `waited in vain for ${what}`)
    await wait(POLL_MS, undefined, { signal })
  }
}
