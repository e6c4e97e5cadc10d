/**
 * The admin listener: readiness, what covers what, metrics. Never where callers are.
 * @module
 */
import { createServer, type Server } from "node:http"
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
  readonly isolation: string
  readonly aftermath: { readonly accepting: boolean; readonly fault?: string; readonly spooled: number }
  readonly surfaces: readonly CoveredSurface[]
  /** Checks that depend on something outside, with what fails now and what failed last. */
  readonly checks: readonly CheckState[]
}

/** Builds the listener; it listens to nothing yet. `GET /livez`, `/readyz`, `/metrics`. */
export function buildAdminServer(readiness: () => Readiness, registry: Registry): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body)
    }
    if (request.method !== "GET") return send(405, "text/plain", "")
    if (request.url === "/livez") return send(200, "application/json", '{"live":true}')
    if (request.url === "/readyz") {
      const state = readiness()
      return send(state.ready ? 200 : 503, "application/json", JSON.stringify(state))
    }
    if (request.url !== "/metrics") return send(404, "text/plain", "")
    registry.metrics().then(
      (text) => send(200, registry.contentType, text),
      () => send(500, "text/plain", ""),
    )
    return undefined
  })
}
