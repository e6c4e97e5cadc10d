/**
 * JSON bodies: checked as their bytes arrive, so that one that is too costly is refused before it is parsed, and mostly
 * before it has arrived.
 * @module
 */
import type { Readable } from "node:stream"
import { JSON_BOUNDS, type JsonBounds, JsonStructure, parseCountedJson, RequestError } from "@nightlight/core"
import type { FastifyInstance, FastifyRequest } from "fastify"
import { piecesOf } from "./unread-bodies.ts"

/** The most that calls need; a scan's report has the largest arrays. */
const BOUNDS: JsonBounds = { ...JSON_BOUNDS, values: 100_000, escapes: 200_000, blankBytes: 512 * 1024 }

const TYPES = ["application/json", "application/problem+json"]
/** From the first byte to the last. */
const BODY_MS = 60_000

/** Lets routes accept JSON, each up to its `bodyLimit`. */
export function addJsonBodies(app: FastifyInstance): void {
  app.addContentTypeParser(TYPES, async (request: FastifyRequest, payload: Readable) =>
    parseCountedJson(await readCounted(request, payload)),
  )
}

async function readCounted(request: FastifyRequest, payload: Readable): Promise<Uint8Array> {
  const { headers, routeOptions } = request
  const maxBytes = routeOptions.bodyLimit
  const tooLarge = () => new RequestError("body_too_large", "the body is too large")
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge()
  const structure = new JsonStructure(BOUNDS)
  const parts: Uint8Array[] = []
  let bytes = 0
  const late = setTimeout(() => payload.destroy(), BODY_MS)
  try {
    for await (const part of piecesOf(payload)) {
      bytes += part.length
      if (bytes > maxBytes) throw tooLarge()
      await request.awaitTurn()
      structure.push(part)
      parts.push(part)
    }
  } finally {
    clearTimeout(late)
  }
  return Buffer.concat(parts)
}
