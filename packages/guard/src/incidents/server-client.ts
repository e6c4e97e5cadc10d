/**
 * Calls a Nightlight server: its intake, and the register of guards.
 * @module
 */
import { existsSync, openAsBlob } from "node:fs"
import {
  EvidenceAnswer,
  type GuardHeartbeat,
  GuardHeartbeatAnswer,
  OwnSource,
  PushAnswer,
} from "@nightlight/contract/server"
import { compact, DependencyError, NightlightError, RequestError, type RequestErrorCode } from "@nightlight/core"
import type { z } from "zod"

/** A server, as a guard calls it. Every call throws {@link RequestError} where it refuses, {@link DependencyError} where it cannot be had. */
export interface ServerClient {
  ownSource(): Promise<OwnSource>
  push(lines: string): Promise<PushAnswer>
  upload(evidenceId: string, path: string): Promise<EvidenceAnswer>
  /** @throws {RequestError} `not_found` where the server is of a version that accepts no heartbeats. */
  sendHeartbeat(heartbeat: GuardHeartbeat): Promise<z.infer<typeof GuardHeartbeatAnswer>>
}

const CALL_MS = 60_000
const UPLOAD_MS = 15 * 60_000
const HEARTBEAT_MS = 5_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

const REFUSALS: ReadonlySet<string> = new Set<RequestErrorCode>([
  ...(["input_invalid", "not_found", "state_conflict", "forbidden", "unauthenticated", "body_too_large"] as const),
])

/**
 * Reads a server's address: an origin, by https, or by http on this machine.
 *
 * @throws {RequestError} `config_invalid`.
 */
export function parseFindingsServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname))
  if (url !== undefined && isSafe && `${url.origin}/` === url.href) return url
  throw new RequestError(
    "config_invalid",
    "findings.server of guard.yaml must be an origin, by https, or by http on this machine",
  )
}

/** Makes a client; it connects with each call. */
export function createServerClient(server: URL, key: string, signal: AbortSignal): ServerClient {
  async function call<Answer>(
    path: string,
    schema: z.ZodType<Answer>,
    init: {
      readonly method: string
      readonly body?: string | Blob
      readonly type?: string
      readonly timeoutMs?: number
    },
  ): Promise<Answer> {
    const limit = AbortSignal.timeout(init.timeoutMs ?? CALL_MS)
    try {
      const response = await fetch(
        new URL(path, server),
        compact({
          method: init.method,
          // The key goes to this origin and to no other.
          redirect: "manual",
          signal: AbortSignal.any([signal, limit]),
          headers: compact({
            authorization: `Bearer ${key}`,
            "content-type": init.type,
          }),
          body: init.body,
        }),
      )
      const value = await readJson(response)
      if (!response.ok) throw toError(response.status, value)
      const answer = schema.safeParse(value)
      if (answer.success) return answer.data
      throw malformed()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NightlightError) throw error
      if (limit.aborted) throw new DependencyError("timed_out", "the server does not answer in time")
      // The system's own words may quote an address or more.
      throw new DependencyError("unavailable", "the server cannot be reached")
    }
  }
  return {
    ownSource: () => call("/v1/source", OwnSource, { method: "GET" }),
    push: (body) => call("/v1/findings", PushAnswer, { method: "POST", type: "application/x-ndjson", body }),
    sendHeartbeat: (heartbeat) => {
      const body = JSON.stringify(heartbeat)
      const init = { method: "PUT", type: "application/json", body, timeoutMs: HEARTBEAT_MS }
      return call("/v1/guards/self", GuardHeartbeatAnswer, init)
    },
    upload: async (evidenceId, path) => {
      const body = await openAsBlob(path).catch(() => {
        if (existsSync(path)) throw new DependencyError("unavailable", "a sealed file cannot be opened now")
        throw new RequestError("not_found", "a sealed file of this workspace is not there")
      })
      const init = { method: "PUT", type: "application/octet-stream", body, timeoutMs: UPLOAD_MS }
      return call(`/v1/evidence/${evidenceId}`, EvidenceAnswer, init)
    },
  }
}

async function readJson({ body }: Response): Promise<unknown> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > MAX_ANSWER_BYTES) throw malformed()
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"))
  } catch {
    return undefined
  }
}

function toError(status: number, value: unknown): NightlightError {
  const code = typeof value === "object" && value !== null ? (value as { readonly type?: unknown }).type : undefined
  if (code === "evidence_digest_mismatch") {
    return new RequestError("state_conflict", "a sealed file is not the one that its finding names")
  }
  if (typeof code === "string" && REFUSALS.has(code)) {
    return new RequestError(code as RequestErrorCode, `the server refuses this (${status})`)
  }
  return new DependencyError("unavailable", `the server cannot take this now (${status})`)
}

function malformed(): DependencyError {
  return new DependencyError("answer_malformed", "what answers is no Nightlight server of this version")
}
