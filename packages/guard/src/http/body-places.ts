/**
 * How many request bodies one key may have in memory at once, decided before one is read, so that a flood from one key
 * does not affect the others.
 * @module
 */
import { Transform } from "node:stream"
import { hasCode } from "@nightlight/core"
import type { FastifyReply, FastifyRequest, RequestPayload } from "fastify"
import type { Dialect } from "../endpoints/dialect.ts"
import { GuardRefusal } from "../errors.ts"
import { ANYONE } from "../running/keys.ts"
import type { Running } from "../running/running.ts"

/** The places for bodies in one process. */
export interface BodyPlaces {
  /**
   * Takes a place for a call's body; it is free again when the call has been answered.
   *
   * @returns why there is none: the key is not valid, or has too much in progress.
   */
  readonly take: (
    request: FastifyRequest,
    reply: FastifyReply,
    running: Running,
    dialect: Dialect,
  ) => GuardRefusal | undefined
  /** Counts a body without a declared length as it arrives. */
  readonly count: (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: RequestPayload,
    done: (error: Error | null, payload?: RequestPayload) => void,
  ) => void
}

interface Held {
  calls: number
  /** Bodies that are arriving now. */
  bodies: number
  bytes: number
}

/** Makes the places of one process, all free. */
export function createBodyPlaces(): BodyPlaces {
  const held = new Map<string, Held>()
  const growing = new WeakMap<FastifyRequest, (bytes: number) => boolean>()
  return {
    take: (request, reply, { keys, setup }, dialect) => {
      const { maxBodies, maxBodyBytes } = setup.limits
      const { headers, ip } = request
      const isChunked = headers["transfer-encoding"] !== undefined
      const length = Number(headers["content-length"] ?? 0)
      let caller: string
      try {
        const { id } = keys.callerOf(dialect.keyOf(headers))
        // Without keys all callers are the same, so the address tells them apart.
        caller = id === ANYONE.id ? `${id} ${ip}` : id
      } catch (error) {
        // A stranger's body is not read; if it has none, the handler answers and counts.
        const isWorthIt = hasCode(error, "invalid_api_key") && !isChunked && length <= SMALL_BYTES
        return isWorthIt ? undefined : closing(request, reply, error as GuardRefusal)
      }
      if (!isChunked && length === 0) return undefined
      const own = held.get(caller) ?? { calls: 0, bodies: 0, bytes: 0 }
      const fits = (more: number) => own.bytes === 0 || own.bytes + more <= maxBodyBytes
      if (own.bodies >= maxBodies || !fits(length)) return closing(request, reply, tooMuch())
      held.set(caller, own)
      own.calls++
      own.bodies++
      own.bytes += length
      let bytes = length
      const read = once(() => own.bodies--)
      request.raw.once("end", read)
      growing.set(request, (more) => {
        if (!fits(more)) return false
        own.bytes += more
        bytes += more
        return true
      })
      const leave = once(() => {
        read()
        own.bytes -= bytes
        if (--own.calls === 0) held.delete(caller)
      })
      reply.raw.once("finish", leave).once("close", leave)
      return undefined
    },
    count: (request, reply, payload, done) => {
      const grow = growing.get(request)
      if (grow === undefined || request.headers["transfer-encoding"] === undefined) return done(null, payload)
      const counted = new Transform({
        transform: (part: Buffer, _encoding, next) =>
          grow(part.length) ? next(null, part) : next(closing(request, reply, tooMuch())),
      })
      payload.once("error", (error) => counted.destroy(error))
      done(null, payload.pipe(counted))
    },
  }
}

/** Reading and discarding this much is cheaper than giving up the connection. */
const SMALL_BYTES = 64 * 1024
/** Time for a caller that still writes to see the answer. */
const LINGER_MS = 1_000

/** The rest of the body stays unread: the connection ends with the answer. */
function closing({ raw: { socket } }: FastifyRequest, reply: FastifyReply, refusal: GuardRefusal): GuardRefusal {
  void reply.header("connection", "close")
  // If the connection ended at once, the system would reset it while the caller writes, and the answer would be lost.
  socket.destroySoon = () => {
    socket.pause()
    socket.end()
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }
  return refusal
}

function tooMuch(): GuardRefusal {
  return new GuardRefusal("rate_limit_exceeded", "this key has too many calls in progress: try again")
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}
