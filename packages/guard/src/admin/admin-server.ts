/**
 * The admin listener: readiness, what covers what, metrics. Never where callers are.
 * @module
 */
import { createServer, type Server } from "node:http"
import type { Isolation } from "@nightlight/core"
import type { Registry } from "prom-client"
import type { CoveredSurface } from "../engine/coverage.ts"
import type { CheckState } from "./check-watch.ts"

/** How the guard stands: ids, codes and counts. */
export interface Readiness {
  readonly ready: boolean
  /** Codes of why not, or of what an operator must know. */
  readonly faults: readonly string[]
  readonly draining: boolean
  /** Version of the configuration in force. */
  readonly config: string
  readonly lists: { readonly version?: number; readonly screens: boolean; readonly fault?: string }
  readonly isolation: Isolation
  /** `accepted`: nothing isolates decoders, and the configuration accepts that by name. */
  readonly decoding: "isolated" | "accepted"
  readonly incidents: { readonly accepting: boolean; readonly fault?: string; readonly spooled: number }
  readonly surfaces: readonly CoveredSurface[]
  /** Checks that depend on something outside, with what fails now and what failed last. */
  readonly checks: readonly CheckState[]
  /** Where several processes take calls: how many there are to be, and how many there are. */
  readonly workers?: { readonly configured: number; readonly ready: number }
}

/** What the listener tells of. */
export interface AdminSources {
  /** Asks every process how it stands. Never rejects. */
  readonly refresh: () => Promise<void>
  readonly readiness: () => Readiness
  readonly measures: () => Promise<Registry>
}

/** Builds the listener; it listens to nothing yet. `GET /livez`, `/readyz`, `/metrics`. */
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
