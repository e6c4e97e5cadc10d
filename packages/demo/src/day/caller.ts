/**
 * Calls the service as a browser does: with cookies, from its own origin, and with signatures for approvals.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { approvalTerms, type CustodyKeyPair, proveApproval } from "@nightlight/contract/custodian"
import type { ApprovalView } from "@nightlight/contract/server"
import { compact, DependencyError } from "@nightlight/core"

const POLL_MS = 200
/** Slow machines need less than this; a longer wait means that something is broken. */
const POLL_TIMEOUT_MS = 180_000

/** Calls the service as one person. */
export interface Caller {
  /** @throws {DependencyError} `unavailable`, with the body of the answer, if its status is not a success. */
  readonly callOrThrow: <Body = unknown>(method: string, path: string, body?: object) => Promise<Body>
}

/** Makes a caller without a session. */
export function createCaller(origin: string, signal: AbortSignal): Caller {
  const cookies = new Map<string, string>()
  return {
    callOrThrow: async (method, path, body) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
      const headers = compact({ origin, cookie, "content-type": body && "application/json" })
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
export async function waitUntil(description: string, signal: AbortSignal, condition: () => Promise<boolean>) {
  const deadlineMs = Date.now() + POLL_TIMEOUT_MS
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new DependencyError("timed_out", `timed out waiting for ${description}`)
    await wait(POLL_MS, undefined, { signal })
  }
}

/** A signed-in person with their signing key. */
export interface Worker extends Caller {
  readonly id: string
  readonly key: CustodyKeyPair
}

/** Requests something and signs the request, which then waits for another person. Returns its path. */
export async function request(worker: Worker, path: string, body: object): Promise<string> {
  const { approvalId, id } = await worker.callOrThrow<{ id?: string; approvalId?: string }>("POST", path, body)
  const approvalPath = `/v1/approvals/${approvalId ?? id}`
  await sign(worker, approvalPath, "request")
  return approvalPath
}

/** One requests something, another one approves it. */
export async function requestAndApprove(first: Worker, second: Worker, path: string, body: object): Promise<void> {
  await sign(second, await request(first, path, body), "approve")
}

async function sign({ id, key, callOrThrow }: Worker, path: string, step: "request" | "approve"): Promise<void> {
  const terms = await approvalTerms(await callOrThrow<ApprovalView>("GET", path))
  const proof = await proveApproval(terms, { step, person: id, at: new Date().toISOString() }, key.privateKey)
  await callOrThrow("POST", `${path}/${step === "request" ? "sign" : "approve"}`, { proof })
}
