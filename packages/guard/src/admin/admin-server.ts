/**
 * The admin listener: readiness, coverage and metrics. It never shares an address with the callers' listener.
 * @module
 */
import { createServer, type Server } from "node:http"
import type { Isolation } from "@nightlight/core"
import type { Registry } from "prom-client"
import type { CoveredSurface } from "../engine/coverage.ts"
import type { CheckState } from "./check-watch.ts"

/** The guard's state: ids, codes and counts. */
export interface Readiness {
  readonly ready: boolean
  /** Codes of the reasons why it is not ready, or of what an operator must know. */
  readonly faults: readonly string[]
  readonly draining: boolean
  /** Version of the configuration in force. */
  readonly config: string
  readonly lists: { readonly version?: number; readonly screens: boolean; readonly fault?: string }
  readonly isolation: Isolation
  /** `accepted`: nothing isolates the decoders, and the configuration accepts that by name. */
  readonly decoding: "isolated" | "accepted"
  readonly incidents: { readonly accepting: boolean; readonly fault?: string; readonly spooled: number }
  readonly surfaces: readonly CoveredSurface[]
  /** Checks that depend on an outside service, each with its current and its last failure. */
  readonly checks: readonly CheckState[]
  /** With several processes: how many are configured and how many are ready. */
  readonly workers?: { readonly configured: number; readonly ready: number }
}

/** Functions that read the guard's state and metrics. */
export interface AdminSources {
  /** Asks every process for its state. Never rejects. */
  readonly refresh: () => Promise<void>
  readonly readiness: () => Readiness
  readonly measures: () => Promise<Registry>
}

/** Builds the listener for `GET /livez`, `/readyz` and `/metrics`; it does not listen yet. */
export function buildAdminServer({ refresh, readiness, measures }: AdminSources): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body)
    }
    if (request.method !== "GET") return send(405, "text/plain", "")
    if (request.url === "/livez") return send(200, "application/json", '{"live":true}')
    if (request.url === "/readyz") {
      refresh()
        .then(() => {
          const state = readiness()
          send(state.ready ? 200 : 503, "application/json", JSON.stringify(state))
        })
        .catch(() => send(500, "text/plain", ""))
      return undefined
    }
    if (request.url !== "/metrics") return send(404, "text/plain", "")
    measures()
      .then(async (registry) => send(200, registry.contentType, await registry.metrics()))
      .catch(() => send(500, "text/plain", ""))
    return undefined
  })
}
