/**
 * Serves the console on the API's own origin.
 * @module
 */
import { randomBytes } from "node:crypto"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { z } from "zod"
import { answerNotFound } from "../../platform/http/not-found.ts"
import { addRoute } from "../../platform/http/route.ts"
import { type Body, type ConsoleFile, type ConsoleFiles, NONCE_PLACEHOLDER } from "./files.ts"
import { pagePolicy } from "./policy.ts"

/** Dependencies of {@link consoleRoutes}. */
export interface ConsoleRoutesDeps {
  /** `undefined` if none was built: the server then serves only the API, and says so. */
  readonly console: ConsoleFiles | undefined
}

const NOT_BUILT = `Nightlight answers calls under /v1. The console is not built: run "npm run build" in Nightlight's folder and start it again.
`
const YEAR_SECONDS = 31_536_000
/** Paths of the API and of files: never the page. */
const NO_PAGE = /^\/(?:v1|healthz|readyz|assets)(?:\/|$)/

const PUBLIC = {
  method: "GET",
  access: { kind: "public", because: "the console's files are published with the source and contain nobody's data" },
  object: { kind: "none", because: "they are the same for everybody" },
  session: "ignore",
  isHidden: true,
  reply: z.unknown(),
} as const

/**
 * Registers the console: its files by their paths, and its page for every other path that a browser opens and the API
 * does not use, since the console has addresses of its own.
 */
export function consoleRoutes(app: FastifyInstance, { console: built }: ConsoleRoutesDeps): void {
  if (built === undefined) {
    addRoute(app, {
      ...PUBLIC,
      url: "/",
      summary: "Answers that the console is not built",
      handle: async ({ reply }) => reply.type("text/plain; charset=utf-8").send(NOT_BUILT),
    })
    return
  }
  addRoute(app, {
    ...PUBLIC,
    url: "/*",
    summary: "The console",
    handle: async ({ request, reply }) => {
      const path = request.url.split("?", 1)[0] ?? "/"
      const file = built.files.get(path)
      if (file !== undefined) return sendFile(request, reply, file)
      if (isPage(path, request)) return sendPage(reply, built.page)
      return answerNotFound(app, request, reply)
    },
  })
}

function isPage(path: string, { headers }: FastifyRequest): boolean {
  return !NO_PAGE.test(path) && headers.accept?.includes("text/html") === true
}

/** The page differs from answer to answer, so no copy of it may be reused; nor is it cached for what it shows. */
function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(18).toString("base64url")
  return reply
    .headers({ "cache-control": "no-store", "content-security-policy": pagePolicy(nonce) })
    .type("text/html; charset=utf-8")
    .send(page.replaceAll(NONCE_PLACEHOLDER, nonce))
}

function sendFile(request: FastifyRequest, reply: FastifyReply, { type, isHashed, bodies }: ConsoleFile): FastifyReply {
  const [coding, body] = bodyFor(request.headers["accept-encoding"], bodies)
  void reply.headers({
    "cache-control": isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : "no-cache",
    etag: body.etag,
    vary: "accept-encoding",
  })
  if (isKnown(request.headers["if-none-match"], body.etag)) return reply.code(304).send()
  if (coding !== undefined) void reply.header("content-encoding", coding)
  return reply.type(type).send(body.bytes)
}

/** The smallest form that the caller accepts. */
function bodyFor(
  accepted: string | undefined,
  bodies: ConsoleFile["bodies"],
): readonly ["br" | "gzip" | undefined, Body] {
  const { identity, gzip, br } = bodies
  const codings = (accepted ?? "").split(",").map((coding) => coding.replaceAll(" ", "").toLowerCase())
  const takes = (name: string) => codings.some((coding) => coding === name || isWanted(coding, name))
  if (br !== undefined && takes("br")) return ["br", br]
  if (gzip !== undefined && takes("gzip")) return ["gzip", gzip]
  return [undefined, identity]
}

/** `br;q=0.5`, not `br;q=0`. */
function isWanted(coding: string, name: string): boolean {
  return coding.startsWith(`${name};q=`) && Number(coding.slice(name.length + 3)) > 0
}

/** A proxy may have weakened the tag. */
function isKnown(tags: string | undefined, etag: string): boolean {
  return (tags ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)
}
