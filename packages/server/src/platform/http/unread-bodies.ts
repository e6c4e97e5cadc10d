/**
 * Bodies that are not worth reading to their end: the answer is sent, and the connection closed with the rest unread.
 * @module
 */
import type { Socket } from "node:net"
import type { Readable } from "node:stream"
import { DependencyError, NightlightError } from "@nightlight/core"
import type { FastifyReply, FastifyRequest } from "fastify"

/** Up to this much is read and discarded to keep a connection. */
const SMALL_BYTES = 64 * 1024
/** How long a caller that is still writing may take to see the answer. */
const LINGER_MS = 1_000

/** Whether a call has a body that has not ended. */
export function isUnread({ headers, raw }: FastifyRequest): boolean {
  if (headers["transfer-encoding"] !== undefined) return !raw.complete
  return Number(headers["content-length"] ?? 0) > 0 && !raw.complete
}

/** Whether more of a call's body is to come than is worth reading and discarding. */
export function hasLargeUnreadBody(request: FastifyRequest): boolean {
  return isUnread(request) && isLarge(request)
}

/** Whether a call's body is or was large; one without a length counts as large. */
export function isLarge({ headers }: FastifyRequest): boolean {
  const length =
    headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : Number.POSITIVE_INFINITY
  return length > SMALL_BYTES
}

/** Leaves the rest of a large body unread after the answer. Must be called before the answer is sent. */
export function leaveUnread(request: FastifyRequest, reply: FastifyReply): void {
  if (!hasLargeUnreadBody(request)) return
  void reply.header("connection", "close")
  const { socket } = request.raw
  // If it ended at once, the system would reset the connection while the caller still writes, and the answer would be
  // lost.
  socket.destroySoon = () => lingerUnread(socket)
}

function lingerUnread(socket: Socket): void {
  socket.pause()
  socket.end()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/** The pieces of a body. A reader that stops early leaves the rest unread, and the connection open for the answer. */
export function piecesOf(body: Readable): AsyncGenerator<Uint8Array, void, void> {
  return readable(body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)
}

/** A caller's stream with our own error: {@link DependencyError} `source_unreadable` if it is cut off. */
export async function* readable(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* body
  } catch (error) {
    if (error instanceof NightlightError) throw error
    throw new DependencyError("source_unreadable", "the body was cut off on its way")
  }
}
