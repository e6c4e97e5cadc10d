/**
 * Delays refusals of a caller who goes on although told to wait: each takes some seconds, so that answering costs next
 * to nothing, however fast the caller is.
 * @module
 */
import { randomInt } from "node:crypto"
import type { ServerResponse } from "node:http"
import { type Clock, hasCode } from "@nightlight/core"
import type { FastifyReply } from "fastify"
import { createCallLimit } from "./call-limit.ts"
import { isLarge } from "./unread-bodies.ts"

/**
 * Refusals that are answered at once: enough for the calls that a caller had in progress when the limit was reached.
 * The refusal of a call with a large body is always delayed, as the caller's next try sends the whole body again.
 */
const PROMPT = { burst: 32, perMinute: 600 }

/**
 * Delay of a refusal, milliseconds: of random length, since calls that came together would otherwise return together.
 */
export interface RefusalWait {
  readonly least: number
  readonly most: number
}

const WAIT: RefusalWait = { least: 3_000, most: 7_000 }
/** Delayed refusals of one caller at a time; beyond them the connection ends without an answer. */
const MAX_HELD = 32

/**
 * Makes the pace of refusals.
 *
 * @returns A function that resolves when a refusal of the caller may be answered: at once, or after some seconds if
 *   they had many recently. It ends the connection of a caller with too many waiting.
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
