/**
 * Bodies that are not worth reading to their end: the answer goes out, and the connection with what is left of them.
 * @module
 */
import type { Socket } from "node:net"
import type { Readable } from "node:stream"
import { DependencyError, NightlightError } from "@nightlight/core"
import type { FastifyReply, FastifyRequest } from "fastify"

/** What is read and thrown away sooner than a connection is given up for it. */
const SMALL_BYTES = 64 * 1024
/** How long a caller that still writes may take to see the answer. */
const LINGER_MS = 1_000

/** Whether a call has a body of which the end has not come. */
export function isUnread({ headers, raw }: FastifyRequest): boolean {
  if (headers["transfer-encoding"] !== undefined) return !raw.complete
  return Number(headers["content-length"] ?? 0) > 0 && !raw.complete
}

/** Whether of a call's body more is to come than is worth reading and throwing away. */
export function isMuchUnread(request: FastifyRequest): boolean {
  return isUnread(request) && isLarge(request)
}

/** Whether a call's body is large, or was when it came; one that does not say its length counts as large. */
export function isLarge({ headers }: FastifyRequest): boolean {
  const length =
    headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : Number.POSITIVE_INFINITY
  return length > SMALL_BYTES
}

/** Sees to it that what is left of a large body stays unread after the answer. Before the answer is sent. */
export function leaveUnread(request: FastifyRequest, reply: FastifyReply): void {
  if (!isMuchUnread(request)) return
  void reply.header("connection", "close")
  const { socket } = request.raw
  // Ended at once, the system would answer what the caller still writes with a reset, and the answer would be lost.
  socket.destroySoon = () => lingerUnread(socket)
}

function lingerUnread(socket: Socket): void {
  socket.pause()
  socket.end()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/** The pieces of a body. Who stops early leaves the rest unread, and the connection open for the answer. */
export function piecesOf(body: Readable): AsyncGenerator<Uint8Array, void, void> {
  return readable(body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)
}

/** A caller's stream, with our own words for its end: {@link DependencyError} `source_unreadable` if it is cut off. */
export async function* readable(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* body
  } catch (error) {
    if (error instanceof NightlightError) throw error
    throw new DependencyError("source_unreadable", "the body was cut off on its way")
  }
}
