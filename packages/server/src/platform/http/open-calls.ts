/**
 * Calls that stay open while a body arrives: the caller may lose the right to it on the way.
 * @module
 */
import { hasCode, RequestError } from "@nightlight/core"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { RightsWatch } from "../auth/rights-watch.ts"
import type { Authenticate } from "../feature.ts"

/** A call in progress, whose rights are checked again while it lasts. */
export interface OpenCall {
  /** Checks the caller again. Throws the answer to a call without the right. */
  assertAllowed(): Promise<void>
  /** A body's pieces, until it ends or the right to send it does; then reading throws. */
  pieces(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

declare module "fastify" {
  interface FastifyInstance {
    /** Opens a call of a route that reads its body in step. `assert` throws unless the caller may make it. */
    readonly openCall: (request: FastifyRequest, reply: FastifyReply, assert: () => void) => OpenCall
    /** Finds the caller again, if it took a while until the whole call had arrived. */
    readonly refreshActor: (request: FastifyRequest, assert: () => void) => Promise<void>
  }
  interface FastifyRequest {
    /** `performance.now()` when the caller was found. */
    authenticatedAt: number
  }
}

/** A call that has arrived by then keeps the caller that was found. */
const FRESH_MS = 500

/** Gives routes `openCall` and `refreshActor`. */
export function addOpenCalls(app: FastifyInstance, authenticate: Authenticate, rights: RightsWatch | undefined): void {
  const again = async (request: FastifyRequest, assert: () => void) => {
    request.actor = await authenticate(request)
    assert()
  }
  app.decorateRequest("authenticatedAt", 0)
  app.decorate("refreshActor", async (request: FastifyRequest, assert: () => void) => {
    const isFresh = performance.now() - request.authenticatedAt < FRESH_MS
    if (!isFresh && request.routeOptions.config.session !== "ignore") await again(request, assert)
  })
  app.decorate("openCall", (request: FastifyRequest, reply: FastifyReply, assert: () => void): OpenCall => {
    const cut = Promise.withResolvers<never>()
    // Nobody may be reading when it arrives.
    cut.promise.catch(() => undefined)
    const assertAllowed = () => again(request, assert)
    const leave = rights?.watch(async () => {
      try {
        await assertAllowed()
      } catch (error) {
        if (!(error instanceof RequestError) || hasCode(error, "too_many_requests")) throw error
        cut.reject(error)
      }
    })
    if (leave !== undefined) reply.raw.once("finish", leave).once("close", leave)
    return { assertAllowed, pieces: (body) => until(body, cut.promise) }
  })
  app.addHook("onClose", async () => rights?.close())
}

async function* until(body: AsyncIterable<Uint8Array>, cut: Promise<never>): AsyncGenerator<Uint8Array, void, void> {
  const pieces = body[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([pieces.next(), cut])
    if (next.done === true) return
    yield next.value
  }
}
