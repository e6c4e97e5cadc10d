/**
 * Cases in twins: the same traffic with a harmless word and with the marker. The harmless twin shows that this traffic
 * passes at all, so that a gateway that blocks everything does not look like one that inspects.
 * @module
 */
import type { CaseFacts, ConformanceCase, Planted, Trial } from "../case/case.ts"
import { AFTER, inFormat } from "../case/markers.ts"
import { isSuccess, type Received } from "../client/received.ts"
import type { Outgoing } from "../client/send.ts"
import type { Ending } from "../judge/endings.ts"
import { clientHas, reachedClient, reachedUpstream } from "../judge/leaks.ts"
import { closedProblems, failureProblems, refusalProblems } from "../judge/refusal.ts"
import type { Answer } from "../mock/mock-upstream.ts"
import type { PictureFormat } from "../pictures/encoded.ts"
import { usualAnswer } from "./usual.ts"

/** Facts that the author of a case gives. */
export type Facts = Omit<CaseFacts, "stream" | "direction" | "id"> & { readonly stream?: boolean }

/** Texts that prove the arrival of something planted whose word or bytes are encoded. */
export type Traces = (planted: Planted) => readonly string[]

/** A case about a request. */
export interface InputSpec extends Facts {
  readonly request: (planted: Planted) => Outgoing
  readonly traces?: Traces
  /** Format of the planted picture. Default: PNG. */
  readonly format?: PictureFormat
}

/** A case about an answer. */
export interface OutputSpec extends Facts {
  readonly request: Outgoing
  readonly answer: (planted: Planted) => Answer
  readonly traces?: Traces
  /** Format of the planted picture. Default: PNG. */
  readonly format?: PictureFormat
  readonly ending: Ending
  /** Whether the harmless twin is ordinary traffic, which a gateway must deliver. */
  readonly mustArrive?: boolean
  /** Whether an error is as good as a filter's ending, because the answer has another fault too. */
  readonly mayFail?: boolean
}

/** Makes a case: the planted thing must not reach the upstream, and the refusal must be correct. */
export function inputCase({ request, traces, format = "png", stream = false, ...facts }: InputSpec): ConformanceCase {
  return {
    ...toFacts(facts, "input", stream),
    run: async (trial) => {
      const { upstream, send, sendHarmless, fail } = trial
      const [plain, marked] = [prepare(trial.plain, format, traces), prepare(trial.marked, format, traces)]
      upstream.answer = usualAnswer
      const before = await sendHarmless(request(plain))
      if (isNotOffered(before, trial)) return "untested"
      const isOpen = isSuccess(before)
      const isRead = isOpen && (upstream.requests.length === 0 || reachedUpstream(upstream.requests, plain))
      upstream.requests.length = 0
      const after = await send(request(marked))
      if (reachedUpstream(upstream.requests, marked)) fail("reached_upstream")
      if (isRead) for (const problem of refusalProblems(after, marked)) fail(problem)
      else {
        if (reachedClient(after, marked)) fail("echoed")
        // A gateway may drop the field; if it refuses it, clients must not retry.
        if (!isOpen) for (const problem of closedProblems(after)) fail(problem)
      }
      return isRead ? "sound" : "closed"
    },
  }
}

/**
 * Makes a case: the planted thing and everything after it must not reach the client, and the answer must end correctly.
 */
export function outputCase(spec: OutputSpec): ConformanceCase {
  const {
    request,
    answer,
    traces,
    format = "png",
    ending,
    mayFail = false,
    mustArrive = false,
    stream = false,
    ...facts
  } = spec
  return {
    ...toFacts(facts, "output", stream),
    run: async (trial) => {
      const { upstream, send, sendHarmless, fail } = trial
      const [plain, marked] = [prepare(trial.plain, format, traces), prepare(trial.marked, format, traces)]
      upstream.answer = answer(plain)
      const before = await sendHarmless(request)
      if (isNotOffered(before, trial)) return "untested"
      const isDelivered = reachedClient(before, plain)
      if (mustArrive && !isDelivered) fail("harmless_changed")
      upstream.answer = answer(marked)
      const after = await send(request)
      if (reachedClient(after, marked)) fail("reached_client")
      else if (clientHas(after, marked.word.slice(0, marked.word.length >> 1))) fail("began_to_reach_client")
      else if (isDelivered && clientHas(after, AFTER)) fail("went_on_after")
      const failedWell = mayFail && failureProblems(after).length === 0
      if (isDelivered && !failedWell) for (const problem of ending(after, marked)) fail(problem)
      else if (after.broken) fail("no_answer")
      return isDelivered ? "sound" : "closed"
    },
  }
}

function prepare(planted: Planted, format: PictureFormat, traces: Traces | undefined): Planted {
  const formed = inFormat(planted, format)
  return traces === undefined ? formed : { ...formed, traces: traces(formed) }
}

/** Whether the gateway does not offer the endpoint: nothing was passed on, and the status says so. */
function isNotOffered({ status }: Received, { upstream }: Trial): boolean {
  return upstream.requests.length === 0 && (status === 404 || status === 405 || status === 501)
}

/** Names a case after its facts. */
export function toFacts<T extends Facts>(facts: T, direction: "input" | "output", stream: boolean): T & CaseFacts {
  const words = [facts.channel, ...(facts.fault === undefined ? [] : [facts.fault])]
  const name = words
    .join(" ")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
  return { ...facts, direction, stream, id: `${facts.endpoint}.${direction}.${name}${stream ? ".stream" : ""}` }
}
