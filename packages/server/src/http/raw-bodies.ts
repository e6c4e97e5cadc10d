/**
 * Bodies that a route reads by itself, in step: findings by the line, sealed files, pictures.
 * @module
 */
import type { Readable } from "node:stream"
import { RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"

const RAW_TYPES = ["application/x-ndjson", "application/octet-stream"]

/** Lets routes take bodies of these types as streams, unread. Safe to call by every feature that needs it. */
export function addRawBodies(app: FastifyInstance): void {
  for (const type of RAW_TYPES) {
    if (app.hasContentTypeParser(type)) continue
    app.addContentTypeParser(type, (_request, payload, done) => done(null, payload))
  }
}

/**
 * The body as a stream.
 *
 * @throws {RequestError} `input_invalid` if it came as something else.
 */
export function rawBody(body: unknown): Readable {
  const stream = body as Partial<Readable> | undefined | null
  if (typeof stream?.pipe === "function") return stream as Readable
  throw new RequestError("input_invalid", `expected a body of type ${RAW_TYPES.join(" or ")}`)
}
