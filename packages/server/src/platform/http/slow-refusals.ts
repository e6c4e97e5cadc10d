/**
 * Refusals of a caller who calls on although they were told to wait: each takes some seconds, so that answering them costs
 * next to nothing, however fast the caller is.
 * @module
 */
import { randomInt } from "node:crypto"
import type { ServerResponse } from "node:http"
import { type Clock, hasCode } from "@nightlight/core"
import type { FastifyReply } from "fastify"
import { createCallLimit } from "./call-limit.ts"
import { isLarge } from "./unread-bodies.ts"

/**
 * Refusals that are answered at once: enough for the calls that a caller had under way when the limit was reached. The
 * refusal of a call with a large body is always late, as the caller's next try sends the whole body again.
 */
const PROMPT = { burst: 32, perMinute: 600 }

/** How long a late refusal waits, milliseconds: each of another length, as calls that came together would come back so. */
export interface RefusalWait {
  readonly least: number
  readonly most: number
}

const WAIT: RefusalWait = { least: 3_000, most: 7_000 }
/** Refusals of one caller that wait at a time; beyond them the connection ends without an answer. */
const MAX_HELD = 32

/**
 * Makes the pace at which refusals leave.
 *
 * @returns A function that resolves when a refusal of the caller may be answered: at once, or after some seconds if they
 *   had many of late. It ends the connection of a caller who has too many waiting.
 */
export function createRefusalPace(
  clock: Clock,
  wait: RefusalWait = WAIT,
): (caller: string, reply: FastifyReply) => Promise<void> {
  const takePrompt = createCallLimit(clock, PROMPT)
  const held = new Map<string, number>()
  return async (caller, { raw, request }) => {
    try {
      takePrompt(caller)
      if (!isLarge(request)) return
    } catch (error) {
      if (!hasCode(error, "too_many_requests")) throw error
    }
    const others = held.get(caller) ?? 0
    if (others >= MAX_HELD) {
      raw.destroy()
      return
    }
    held.set(caller, others + 1)
    await waitWhileOpen(raw, randomInt(wait.least, wait.most))
    const left = (held.get(caller) ?? 1) - 1
    if (left > 0) held.set(caller, left)
    else held.delete(caller)
  }
}

function waitWhileOpen(answer: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      answer.off("close", done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    answer.once("close", done)
  })
}
