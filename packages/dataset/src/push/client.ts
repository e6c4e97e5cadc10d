/**
 * Calls a Nightlight server as a source.
 * @module
 */
import { openAsBlob } from "node:fs"
import {
  EvidenceAnswer,
  OwnSource,
  PushAnswer,
  PushedFollowUpAnswer,
  PushedScanAnswer,
  type SourceHandoverBody,
  SourceHandoverTaken,
} from "@nightlight/contract/server"
import { compact, DependencyError, NightlightError, RequestError, type RequestErrorCode } from "@nightlight/core"
import type { z } from "zod"

/** How a server is called. */
export interface PushClientOptions {
  /** Checked by `parseServerAddress`. */
  readonly server: URL
  /** A key with the scope `findings:push`, bound to this workspace's source. */
  readonly key: string
  readonly signal: AbortSignal
  /** The command that goes on where this one stopped, for hints; `nightlight push` unless given. */
  readonly command?: string
}

/**
 * A server's intake. Every call throws {@link RequestError} with the server's code where it refuses, and
 * {@link DependencyError} where it cannot be reached, is too busy or answers what cannot be understood.
 */
export interface PushClient {
  /** The source that the key speaks for. */
  ownSource(): Promise<OwnSource>
  /**
   * Lets another key take the place of this source's own.
   *
   * @throws {RequestError} `state_conflict` if the key that comes is, or was, a source's own.
   */
  handOver(handover: SourceHandoverBody): Promise<SourceHandoverTaken>
  /** Pushes findings, one signed document a line. */
  push(lines: string): Promise<PushAnswer>
  /** Tells what a scan screened: its signed report. @throws {RequestError} `not_found` if the server takes none yet. */
  tell(scan: string, report: string): Promise<PushedScanAnswer>
  /** Tells of a hunt or a purge: its signed report. @throws {RequestError} `not_found` if the server takes none yet. */
  tellFollowUp(path: `hunts/${string}` | `purges/${string}`, report: string): Promise<PushedFollowUpAnswer>
  /** Uploads a sealed file as it is. @throws {DependencyError} `source_unreadable` if it is not there. */
  upload(evidenceId: string, path: string): Promise<EvidenceAnswer>
}

const CALL_MS = 120_000
const UPLOAD_MS = 15 * 60_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** The server's refusals that are taken over as they are; none says anything of an item. */
const REFUSALS: ReadonlySet<string> = new Set<RequestErrorCode>([
  ...(["input_invalid", "not_found", "state_conflict", "forbidden", "unauthenticated", "body_too_large"] as const),
])

/** Makes a client; it connects with each call. */
export function createPushClient({ server, key, signal, command = "nightlight push" }: PushClientOptions): PushClient {
  const hint = `Nothing is lost: ${command} goes on from here.`
  async function call<Answer>(
    path: string,
    request: {
      readonly method: string
      readonly type?: string
      readonly body?: string | Blob
      readonly timeoutMs?: number
    },
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const limit = AbortSignal.timeout(request.timeoutMs ?? CALL_MS)
    try {
      const response = await fetch(
        new URL(path, server),
        compact({
          method: request.method,
          // The key goes to this origin and to no other.
          redirect: "manual",
          signal: AbortSignal.any([signal, limit]),
          headers: compact({
            authorization: `Bearer ${key}`,
            "content-type": request.type,
          }),
          body: request.body,
        }),
      )
      const value = await readJson(response)
      if (!response.ok) throw toError(response.status, value, hint)
      const answer = schema.safeParse(value)
      if (answer.success) return answer.data
      throw malformed()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NightlightError) throw error
      if (limit.aborted) throw new DependencyError("timed_out", "the server does not answer in time", { hint })
      // The system's own words may quote an address or more.
      throw new DependencyError("unavailable", "the server cannot be reached", { hint })
    }
  }

  return {
    ownSource: () => call("/v1/source", { method: "GET" }, OwnSource),
    handOver: (handover) => {
      const body = JSON.stringify(handover)
      return call("/v1/source/handover", { method: "POST", type: "application/json", body }, SourceHandoverTaken)
    },
    push: (body) => call("/v1/findings", { method: "POST", type: "application/x-ndjson", body }, PushAnswer),
    tell: (scan, body) =>
      call(`/v1/scans/${scan}`, { method: "PUT", type: "application/json", body }, PushedScanAnswer),
    tellFollowUp: (path, body) =>
      call(`/v1/${path}`, { method: "PUT", type: "application/json", body }, PushedFollowUpAnswer),
    upload: async (evidenceId, path) => {
      const body = await openAsBlob(path).catch(() => {
        throw new DependencyError("source_unreadable", "a sealed file of this workspace cannot be read")
      })
      const request = { method: "PUT", type: "application/octet-stream", body, timeoutMs: UPLOAD_MS }
      return call(`/v1/evidence/${evidenceId}`, request, EvidenceAnswer)
    },
  }
}

async function readJson(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
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

function toError(status: number, value: unknown, hint: string): NightlightError {
  const code = typeof value === "object" && value !== null ? (value as { readonly type?: unknown }).type : undefined
  if (status >= 300 && status < 400) {
    return new RequestError("input_invalid", "the server sends the call elsewhere: name its own address")
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
    return new RequestError(code as RequestErrorCode, `the server refuses this (${status})`)
  }
  return new DependencyError("unavailable", `the server cannot take this now (${status})`, { hint })
}

function malformed(): DependencyError {
  return new DependencyError("answer_malformed", "what answers is no Nightlight server of this version")
}
