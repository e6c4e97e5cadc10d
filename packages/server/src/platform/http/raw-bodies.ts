/**
 * Bodies that a route reads on its own, in step: findings by the line, sealed files, pictures.
 * @module
 */
import type { Readable } from "node:stream"
import { RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { piecesOf } from "./unread-bodies.ts"

const RAW_TYPES = ["application/x-ndjson", "application/octet-stream"]

/** Lets routes receive bodies of these types as streams. Safe to call by every feature that needs it. */
export function addRawBodies(app: FastifyInstance): void {
  for (const type of RAW_TYPES) {
    if (app.hasContentTypeParser(type)) continue
    app.addContentTypeParser(type, (_request, payload, done) => done(null, payload))
  }
}

/**
 * The pieces of a body, from where the last reader stopped.
 *
 * @throws {RequestError} `input_invalid` if it has another type. Reading throws `source_unreadable` if it is cut off.
 */
export function rawBody(body: unknown): AsyncIterable<Uint8Array> {
  const stream = body as Partial<Readable> | undefined | null
  if (typeof stream?.pipe === "function") return { [Symbol.asyncIterator]: () => piecesOf(stream as Readable) }
  throw new RequestError("input_invalid", `expected a body of type ${RAW_TYPES.join(" or ")}`)
}
