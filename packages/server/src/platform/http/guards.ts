/**
 * Checks before every route: the called host, the calling page, and what a browser may do with the answer.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { FastifyInstance, FastifyRequest } from "fastify"

/** Origins that the server answers under. */
export interface Origins {
  /** `https://nightlight.example`: what people's browsers call. */
  readonly origins: readonly string[]
}

/** Probes call by address; they learn nothing. */
const ANY_HOST: ReadonlySet<string> = new Set(["/healthz", "/readyz"])
/** Methods of calls that change nothing. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"])

const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
}

/**
 * Refuses calls under a foreign host name (DNS rebinding) and changes from another site's page, and sets the headers
 * that restrict how browsers use an answer.
 */
export function addGuards(app: FastifyInstance, { origins }: Origins): void {
  const known = new Set(origins)
  const hosts = new Set(origins.map((origin) => new URL(origin).host))
  const isHttps = origins.some((origin) => origin.startsWith("https:"))
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...HEADERS, "x-request-id": request.id })
    if (isHttps) reply.header("strict-transport-security", "max-age=63072000; includeSubDomains")
    assertHost(request, hosts)
    assertOrigin(request, known)
  })
}

function assertHost(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  if (ANY_HOST.has(request.routeOptions.url ?? "")) return
  // Clients may or may not write a default port.
  const host = (request.headers.host ?? "").toLowerCase().replace(/:(80|443)$/, "")
  if (!hosts.has(host)) {
    throw new RequestError("forbidden", "this server does not answer to that host name", {
      hint: "Add the origin to `origins` in server.yaml.",
    })
  }
}

/**
 * Checks the origin of a change: browsers send the cookie with calls from any page, and only our own page may cause a
 * change.
 */
function assertOrigin(request: FastifyRequest, known: ReadonlySet<string>): void {
  if (SAFE_METHODS.has(request.method) || request.headers.cookie === undefined) return
  const { origin } = request.headers
  const isOurs = origin === undefined ? request.headers["sec-fetch-site"] === "same-origin" : known.has(origin)
  if (!isOurs) throw new RequestError("forbidden", "a call that changes something must come from our own page")
}
