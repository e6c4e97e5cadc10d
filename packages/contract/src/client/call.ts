/**
 * One call of a server's API with a key, and how its answer is interpreted.
 * @module
 */
import { compact, DependencyError, NightlightError, RequestError, type RequestErrorCode } from "@nightlight/core"
import type { z } from "zod"

/** A call's method, body and content type. */
export interface CallRequest {
  readonly method: string
  readonly type?: string
  readonly body?: string | Blob
  /** 120,000 by default. */
  readonly timeoutMs?: number
}

/** Calls a path, and checks the answer against a schema. */
export type Call = <Answer>(path: string, request: CallRequest, schema: z.ZodType<Answer>) => Promise<Answer>

const CALL_MS = 120_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** The server's refusals that are passed on unchanged; none reveals anything about an item. */
const REFUSALS: ReadonlySet<string> = new Set<RequestErrorCode>([
  "input_invalid",
  "not_found",
  "state_conflict",
  "forbidden",
  "unauthenticated",
  "body_too_large",
])

/** Makes a function that calls one server with one key. */
export function createCall({
  server,
  key,
  signal,
  hint,
}: {
  readonly server: URL
  readonly key: string
  readonly signal: AbortSignal
  readonly hint?: string
}): Call {
  const later = compact({ hint })
  return async (path, { method, type, body, timeoutMs = CALL_MS }, schema) => {
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(
        new URL(path, server),
        compact({
          method,
          // The key is sent to this origin and no other.
          redirect: "manual",
          signal: AbortSignal.any([signal, limit]),
          headers: compact({ authorization: `Bearer ${key}`, "content-type": type }),
          body,
        }),
      )
      const value = await readJson(response)
      if (!response.ok) throw toError(response.status, value, later)
      const answer = schema.safeParse(value)
      if (answer.success) return answer.data
      throw malformed()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NightlightError) throw error
      if (limit.aborted) throw new DependencyError("timed_out", "the server does not answer in time", later)
      // The system's own message may quote an address or more.
      throw new DependencyError("unavailable", "the server cannot be reached", later)
    }
  }
}

async function readJson({ body }: Response): Promise<unknown> {
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > MAX_ANSWER_BYTES) throw malformed()
    text += decoder.decode(part, { stream: true })
  }
  try {
    return JSON.parse(text + decoder.decode())
  } catch {
    return undefined
  }
}

function toError(status: number, value: unknown, later: { readonly hint?: string }): NightlightError {
  const code = typeof value === "object" && value !== null ? (value as { readonly type?: unknown }).type : undefined
  if (status >= 300 && status < 400) {
    return new RequestError("input_invalid", "the server redirects the call: use its own address")
  }
  if (code === "unauthenticated") {
    return new RequestError("unauthenticated", "the server does not know this key, or it has expired", {
      hint: "An administrator makes keys for a source: scope findings:push.",
    })
  }
  if (code === "forbidden") {
    return new RequestError("forbidden", "the key may not push, or its source was revoked", {
      hint: "Enrol this workspace's public key (nightlight source show), then make a key for that source.",
    })
  }
  if (code === "evidence_digest_mismatch") {
    return new RequestError("state_conflict", "a sealed file is not the one that its finding names")
  }
  if (typeof code === "string" && REFUSALS.has(code)) {
    return new RequestError(code as RequestErrorCode, `the server refused this (${status})`)
  }
  return new DependencyError("unavailable", `the server cannot accept this now (${status})`, later)
}

function malformed(): DependencyError {
  return new DependencyError("answer_malformed", "the answer is not from a Nightlight server of this version")
}
