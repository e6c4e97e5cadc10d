/**
 * Questions and answers over the channel between two processes. Whatever cannot be sent, or is not answered in time, is
 * an error; no error repeats what was sent.
 * @module
 */
import { DependencyError, hasCode, RequestError } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"

/** Kinds of questions, each with its argument and its answer. */
export type Questions<Kinds> = { readonly [Kind in keyof Kinds]: readonly [given: unknown, answer: unknown] }

/** A handler for each kind. The signal aborts when the asker no longer waits, or is gone. */
export type Answers<Kinds extends Questions<Kinds>> = {
  readonly [Kind in keyof Kinds]: (
    given: Kinds[Kind][0],
    signal: AbortSignal,
  ) => Kinds[Kind][1] | Promise<Kinds[Kind][1]>
}

/** Limit of one question. */
export interface AskOptions {
  /** Milliseconds to wait for the answer; unless given, as long as the other process lives. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** One end of the channel. */
export interface Peer<Asks extends Questions<Asks>> {
  /**
   * Asks the other process.
   *
   * @throws {DependencyError} `timed_out`; `unavailable` where it is gone or failed.
   * @throws {GuardRefusal | RequestError} what it threw of these.
   */
  ask<Kind extends keyof Asks & string>(kind: Kind, given: Asks[Kind][0], options?: AskOptions): Promise<Asks[Kind][1]>
  /** Handles a message that arrived. */
  receive(message: unknown): void
  /** The other process is gone: every question fails, and what it asked is aborted. */
  close(): void
}

type Fault =
  | { readonly kind: "refusal"; readonly code: GuardRefusal["code"]; readonly message: string }
  | { readonly kind: "request"; readonly code: RequestError["code"]; readonly message: string }
  | { readonly kind: "other"; readonly code: "timed_out" | "unavailable" }

type Message =
  | { readonly type: "ask"; readonly id: number; readonly kind: string; readonly given: unknown }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly value?: unknown; readonly fault?: Fault }

interface Waiting {
  readonly done: (value: unknown) => void
  readonly fail: (error: Error) => void
}

const GONE = () => new DependencyError("unavailable", "another process of the guard is gone")
const LATE = () => new DependencyError("timed_out", "another process of the guard did not answer in time")

/**
 * Makes one end.
 *
 * @param send - sends a message; calls back with an error where it could not be sent.
 */
export function createPeer<Asks extends Questions<Asks>, Answered extends Questions<Answered>>(
  send: (message: object, sent: (error: Error | null) => void) => void,
  answers: Answers<Answered>,
): Peer<Asks> {
  const waiting = new Map<number, Waiting>()
  const runningAnswers = new Map<number, AbortController>()
  let lastId = 0
  let isClosed = false

  const post = (message: Message, failed: () => void): void => {
    try {
      send(message, (error) => {
        if (error !== null && error !== undefined) failed()
      })
    } catch {
      failed()
    }
  }

  const answer = async (id: number, kind: string, given: unknown): Promise<void> => {
    const stop = new AbortController()
    runningAnswers.set(id, stop)
    let reply: Message
    try {
      if (!Object.hasOwn(answers, kind)) throw new TypeError("the other process does not know this question")
      const work = answers[kind as keyof Answered] as (given: unknown, signal: AbortSignal) => unknown
      reply = { type: "answer", id, value: await work(given, stop.signal) }
    } catch (error) {
      reply = { type: "answer", id, fault: toFault(error) }
    }
    runningAnswers.delete(id)
    if (isClosed || stop.signal.aborted) return
    post(reply, () => {
      // An answer that cannot be sent becomes an error, so that the asker does not wait for it.
      if (!isClosed) post({ type: "answer", id, fault: { kind: "other", code: "unavailable" } }, () => {})
    })
  }

  return {
    ask: (kind, given, { timeoutMs, signal } = {}) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(GONE())
        if (signal?.aborted === true) return reject(signal.reason)
        const id = ++lastId
        const end = () => {
          waiting.delete(id)
          clearTimeout(timer)
          signal?.removeEventListener("abort", abort)
        }
        const fail = (error: unknown) => {
          if (!waiting.has(id)) return
          end()
          reject(error)
        }
        const cancel = (error: unknown) => {
          post({ type: "cancel", id }, () => {})
          fail(error)
        }
        const abort = () => cancel(signal?.reason)
        const timer = timeoutMs === undefined ? undefined : setTimeout(() => cancel(LATE()), timeoutMs)
        signal?.addEventListener("abort", abort, { once: true })
        waiting.set(id, {
          done: (value) => {
            end()
            resolve(value as never)
          },
          fail,
        })
        post({ type: "ask", id, kind, given }, () => fail(GONE()))
        return undefined
      }),
    receive: (message) => {
      if (isClosed || typeof message !== "object" || message === null) return
      const said = message as Message
      if (said.type === "ask") void answer(said.id, said.kind, said.given)
      else if (said.type === "cancel") runningAnswers.get(said.id)?.abort(LATE())
      else if (said.type === "answer") {
        // An answer that comes too late has no asker any more.
        const owner = waiting.get(said.id)
        if (said.fault === undefined) owner?.done(said.value)
        else owner?.fail(fromFault(said.fault))
      }
    },
    close: () => {
      isClosed = true
      for (const { fail } of [...waiting.values()]) fail(GONE())
      for (const stop of runningAnswers.values()) stop.abort(GONE())
    },
  }
}

/**
 * The guard's own refusals are passed on with their messages; of other errors only the kind, since a message might
 * quote content.
 */
function toFault(error: unknown): Fault {
  if (error instanceof GuardRefusal) return { kind: "refusal", code: error.code, message: error.message }
  if (error instanceof RequestError) return { kind: "request", code: error.code, message: error.message }
  return { kind: "other", code: hasCode(error, "timed_out") ? "timed_out" : "unavailable" }
}

function fromFault(fault: Fault): Error {
  if (fault.kind === "refusal") return new GuardRefusal(fault.code, fault.message)
  if (fault.kind === "request") return new RequestError(fault.code, fault.message)
  return fault.code === "timed_out" ? LATE() : new DependencyError("unavailable", "another process of the guard failed")
}
