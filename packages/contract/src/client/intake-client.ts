/**
 * Calls a Nightlight server's intake as a source.
 * @module
 */
import { compact } from "@nightlight/core"
import type { z } from "zod"
import {
  EvidenceAnswer,
  type GuardHeartbeat,
  GuardHeartbeatAnswer,
  OwnSource,
  PushAnswer,
  PushedFollowUpAnswer,
  PushedScanAnswer,
  type SourceHandoverBody,
  SourceHandoverTaken,
} from "../server/index.ts"
import { type CallRequest, createCall } from "./call.ts"

/** Server and key of a client. */
export interface IntakeClientOptions {
  /** Checked by `parseServerAddress`. */
  readonly server: URL
  /** A key with the scope `findings:push`, bound to a source. */
  readonly key: string
  readonly signal: AbortSignal
  /** The hint of temporary failures. */
  readonly hint?: string
}

/**
 * A server's intake. Every call throws {@link RequestError} with the server's code if it refuses, and {@link
 * DependencyError} if it cannot be reached, is too busy or sends a malformed answer.
 */
export interface IntakeClient {
  /** The source of the key. */
  ownSource(): Promise<OwnSource>
  /**
   * Replaces this source's key.
   *
   * @throws {RequestError} `state_conflict` if the new key is, or was, a source's own.
   */
  handOver(handover: SourceHandoverBody): Promise<SourceHandoverTaken>
  /** Pushes findings, one signed document a line. */
  push(lines: string): Promise<PushAnswer>
  /** Uploads a sealed file unchanged. */
  upload(evidenceId: string, sealed: Blob): Promise<EvidenceAnswer>
  /** Pushes a scan's signed report. @throws {RequestError} `not_found` if the server does not accept reports yet. */
  pushScanReport(scan: string, report: string): Promise<PushedScanAnswer>
  /**
   * Pushes the signed report of a hunt or a purge. @throws {RequestError} `not_found` if the server does not accept
   * them yet.
   */
  reportFollowUp(path: `hunts/${string}` | `purges/${string}`, report: string): Promise<PushedFollowUpAnswer>
  /** Sends a guard's heartbeat. @throws {RequestError} `not_found` if the server does not accept heartbeats yet. */
  sendHeartbeat(heartbeat: GuardHeartbeat): Promise<z.infer<typeof GuardHeartbeatAnswer>>
}

const UPLOAD_MS = 15 * 60_000
const HEARTBEAT_MS = 5_000

/** Makes a client; it connects with each call. */
export function createIntakeClient(options: IntakeClientOptions): IntakeClient {
  const call = createCall(options)
  const json = (method: string, body: string, timeoutMs?: number): CallRequest =>
    compact({ method, type: "application/json", body, timeoutMs })
  return {
    ownSource: () => call("/v1/source", { method: "GET" }, OwnSource),
    handOver: (handover) => call("/v1/source/handover", json("POST", JSON.stringify(handover)), SourceHandoverTaken),
    push: (body) => call("/v1/findings", { method: "POST", type: "application/x-ndjson", body }, PushAnswer),
    upload: (evidenceId, body) => {
      const request = { method: "PUT", type: "application/octet-stream", body, timeoutMs: UPLOAD_MS }
      return call(`/v1/evidence/${evidenceId}`, request, EvidenceAnswer)
    },
    pushScanReport: (scan, body) => call(`/v1/scans/${scan}`, json("PUT", body), PushedScanAnswer),
    reportFollowUp: (path, body) => call(`/v1/${path}`, json("PUT", body), PushedFollowUpAnswer),
    sendHeartbeat: (heartbeat) =>
      call("/v1/guards/self", json("PUT", JSON.stringify(heartbeat), HEARTBEAT_MS), GuardHeartbeatAnswer),
  }
}
