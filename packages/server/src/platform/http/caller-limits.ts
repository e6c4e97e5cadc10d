/**
 * Limits what one caller may request of this process at once, decided before a body is read, so that one key's flood
 * does not affect others and the memory for bodies is bounded.
 * @module
 */

import { hash } from "node:crypto"
import { isIPv6 } from "node:net"
import { setImmediate as loopTurn } from "node:timers/promises"
import { type Clock, RequestError } from "@nightlight/core"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { createCredentialReader } from "../auth/credential.ts"
import { createCallLimit } from "./call-limit.ts"

import { createRefusalPace, type RefusalWait } from "./slow-refusals.ts"
import { isLarge, isUnread } from "./unread-bodies.ts"

/** Limits of one key, one signed-in person, or one network without credentials. */
export interface CallerLimits {
  /**
   * Calls a minute in the long run; a sixth of them at once after a pause. Does not apply to callers without
   * credentials.
   */
  readonly callsPerMinute: number
  /** Calls with a body in progress at once. */
  readonly concurrentBodies: number
  /** Bytes of these bodies together; a body without a length counts as the longest that its route accepts. */
  readonly concurrentBytes: number
  /** How long a refusal is delayed for a caller who goes on although told to wait; some seconds by default. */
  readonly refusalWait?: RefusalWait
}

/** Default limits of a process. */
export const CALLER_LIMITS: CallerLimits = {
  callsPerMinute: 30_000,
  concurrentBodies: 32,
  concurrentBytes: 48 * 1024 * 1024,
}

/** A body that a route reads in step takes no more memory than this at a time, however long it is. */
const STREAMED_BYTES = 1024 * 1024
/** Bodies at once of unknown callers of one network, which may be a whole office. */
const STRANGERS_BODIES = 256

const RETRY_AFTER_SECONDS = 1
const BURST_SHARE = 6

/**
 * A refused call with a large body counts as this share of a burst, so that a caller who goes on is soon not looked up.
 */
const REFUSED_SHARE = 5

interface Held {
  bodies: number
  bytes: number
  /** Resolves when the last admitted piece is done. */
  turn: Promise<void>
}

declare module "fastify" {
  interface FastifyInstance {
    /** Takes a place for one call's body until it is answered. Throws {@link RequestError} `too_many_requests`. */
    readonly holdBody: (request: FastifyRequest, reply: FastifyReply) => void
  }
  interface FastifyRequest {
    /**
     * Waits until the next piece of the body may be processed: for each caller one in each turn of the event loop, so
     * that others wait for one piece, not for one of every body. Throws {@link RequestError} `too_many_requests` if the
     * caller's other calls have used up its allowance.
     */
    awaitTurn: () => Promise<void>
  }
}

/**
 * Counts calls by their credentials, before these are looked up, and gives routes `holdBody`.
 *
 * @param limits - With the origin whose session cookie counts.
 */
export function addCallerLimits(
  app: FastifyInstance,
  clock: Clock,
  { origin, ...limits }: CallerLimits & { readonly origin: string },
): void {
  const { callsPerMinute, concurrentBodies, concurrentBytes, refusalWait } = limits
  const readCredential = createCredentialReader(origin)
  /** The caller's credential as a digest, in any spelling, before it is looked up. */
  const credentialOf = (request: FastifyRequest): string | undefined => {
    const credential = readCredential(request)
    return credential === undefined ? undefined : hash("sha256", `${credential.kind} ${credential.token}`, "base64")
  }
  const burst = Math.max(1, Math.floor(callsPerMinute / BURST_SHARE))
  const takeCall = createCallLimit(clock, { perMinute: callsPerMinute, burst })
  const waitToRefuse = createRefusalPace(clock, refusalWait)
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config.session === "ignore") return
    const credential = credentialOf(request)
    if (credential === undefined) return
    try {
      takeCall(credential)
    } catch (error) {
      await waitToRefuse(credential, reply)
      throw error
    }
  })
  app.addHook("onError", async (request) => {
    const credential = credentialOf(request)
    if (credential === undefined || !isLarge(request)) return
    try {
      takeCall(credential, Math.ceil(burst / REFUSED_SHARE))
    } catch {
      // It has none left: the next call is refused without this.
    }
  })

  const held = new Map<string, Held>()
  app.decorateRequest("awaitTurn", async () => undefined)
  app.decorate("holdBody", (request: FastifyRequest, reply: FastifyReply) => {
    if (!isUnread(request)) return
    const { actor } = request
    const caller = actor?.id ?? networkOf(request.ip)
    const bodies = actor === undefined ? Math.max(concurrentBodies, STRANGERS_BODIES) : concurrentBodies
    const bytes = bytesOf(request)
    const own = held.get(caller) ?? { bodies: 0, bytes: 0, turn: Promise.resolve() }
    // A body that alone exceeds the total is accepted if nothing else is in progress.
    if (own.bodies >= bodies || (own.bodies > 0 && own.bytes + bytes > concurrentBytes)) {
      throw new RequestError("too_many_requests", "this caller has too many calls in progress: retry later", {
        details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
      })
    }
    own.bodies++
    own.bytes += bytes
    held.set(caller, own)
    const credential = credentialOf(request)
    request.awaitTurn = async () => {
      own.turn = own.turn.then(() => loopTurn())
      await own.turn
      if (credential !== undefined) takeCall(credential, 0)
    }
    let isHeld = true
    const leave = () => {
      if (!isHeld) return
      isHeld = false
      own.bodies--
      own.bytes -= bytes
      if (own.bodies === 0) held.delete(caller)
    }
    reply.raw.once("finish", leave).once("close", leave)
  })
}

function bytesOf({ headers, routeOptions }: FastifyRequest): number {
  const most = routeOptions.config.streams === true ? STREAMED_BYTES : routeOptions.bodyLimit
  const length = headers["content-length"]
  return length === undefined ? most : Math.min(Number(length), most)
}

/** One subscriber's network: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0")
  const groups = [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16).toString(16))
  return `${groups.slice(0, 4).join(":")}::`
}
