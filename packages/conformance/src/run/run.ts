/**
 * Runs the suite against a gateway whose upstream is the suite's own mock.
 * @module
 */
import { compact, DependencyError, RequestError } from "@nightlight/core"
import type { CaseOutcome, CaseResult, ConformanceCase } from "../case/case.ts"
import { CONFORMANCE_MARKER } from "../case/markers.ts"
import { isAny, type Problem } from "../case/problems.ts"
import { CONFORMANCE_CASES } from "../cases/all.ts"
import { chatCall } from "../cases/chat-input.ts"
import { usualAnswer } from "../cases/usual.ts"
import type { Received } from "../client/received.ts"
import { type Client, openClient } from "../client/send.ts"
import { openOwnWords } from "../judge/own-words.ts"
import type { MockUpstream } from "../mock/mock-upstream.ts"
import { identifyingHeaders, suiteFacts } from "../report/artifacts.ts"
import { type CurlTarget, toCurl } from "../report/curl.ts"
import { groupFindings } from "../report/findings.ts"
import type { ConformanceReport } from "../report/report.ts"
import { untestedSurfaces } from "./surfaces.ts"
import { type CaseEnvironment, familyOf, type TriedCase, tryCase } from "./try-case.ts"

/** The gateway under test and the chosen cases. */
export interface ConformanceOptions {
  /** Base URL of the gateway under test, such as `http://127.0.0.1:8081/v1`. */
  readonly target: string
  /** The mock, which must be started before the gateway and be its upstream. */
  readonly upstream: MockUpstream
  /** Sent as a bearer token. */
  readonly key?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses with which this gateway answers blocked requests, accepted like the API's own 400, in any shape. */
  readonly blocksWith?: readonly number[]
  /** The phrase that the gateway is configured to block. */
  readonly marker?: string
  /** Time limit for a complete answer, milliseconds. */
  readonly timeoutMs?: number
  /** Only these cases, by id, and the controls of their families. */
  readonly only?: (id: string) => boolean
  readonly onCase?: (result: CaseResult, done: number, total: number) => void
  readonly signal?: AbortSignal
}

const TIMEOUT_MS = 30_000

/**
 * Runs every chosen case, one after the other, controls first.
 *
 * @throws {DependencyError} `unavailable` if the target does not answer or its upstream is not the mock.
 * @throws {RequestError} `input_invalid` if no case was chosen.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const { upstream, key, headers = {}, blocksWith = [], marker = CONFORMANCE_MARKER, signal } = options
  const chosen = choose(options.only)
  if (chosen.length === 0) throw new RequestError("input_invalid", "no case has an id like this")
  const target = new URL(options.target)
  const client = openClient(
    compact({
      target,
      headers,
      blocksWith: new Set(blocksWith),
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      key,
    }),
  )
  try {
    const first = await assertReachable(client, upstream)
    const bench: CaseEnvironment = {
      client,
      upstream,
      marker,
      ownWords: openOwnWords(marker),
      brokenFamilies: new Set(),
    }
    const tried: TriedCase[] = []
    for (const one of chosen) {
      signal?.throwIfAborted()
      const ended = await tryCase(one, bench)
      tried.push(ended)
      options.onCase?.(ended.result, tried.length, chosen.length)
    }
    const cases = tried.map(({ result }) => result)
    const curl: CurlTarget = { target, hasKey: key !== undefined, headerNames: Object.keys(headers) }
    return {
      suite: suiteFacts(CONFORMANCE_CASES.length),
      target: { url: target.href, says: identifyingHeaders(first) },
      blocksWith,
      ...countOutcomes(cases),
      brokenFamilies: [...bench.brokenFamilies],
      findings: groupFindings(tried.map((one) => ({ result: one.result, reproduce: reproduce(one, upstream, curl) }))),
      cases,
      notTested: untestedSurfaces(cases),
      at: new Date().toISOString(),
    }
  } finally {
    await client.close()
  }
}

function choose(only: (id: string) => boolean = () => true): readonly ConformanceCase[] {
  const families = new Set(CONFORMANCE_CASES.filter(({ id }) => only(id)).map(familyOf))
  return CONFORMANCE_CASES.filter(
    (one) => only(one.id) || (one.isFamilyControl === true && families.has(familyOf(one))),
  )
}

function countOutcomes(cases: readonly CaseResult[]) {
  const count = (...outcomes: readonly CaseOutcome[]) =>
    cases.filter(({ outcome }) => outcomes.includes(outcome)).length
  return {
    leaked: count("leaked"),
    stoppedOtherwise: count("stopped_otherwise"),
    sound: count("sound", "closed"),
    closed: count("closed"),
    broken: count("broken"),
    untested: count("untested"),
  }
}

function reproduce({ result, harmless, last }: TriedCase, upstream: MockUpstream, curl: CurlTarget) {
  return (problem: Problem) => {
    const request = isAny([problem], "own") ? (harmless ?? last) : last
    return {
      case: result.id,
      upstream: `nightlight conformance --answer '${result.id}' --mock-port ${new URL(upstream.url).port}`,
      request: request === undefined ? "" : toCurl(request, curl),
    }
  }
}

/** Checks that the mock is the target's upstream; otherwise leaks could not be seen. */
async function assertReachable(client: Client, upstream: MockUpstream): Promise<Received> {
  upstream.requests.length = 0
  upstream.answer = usualAnswer
  const received = await client.send(chatCall())
  const { status } = received
  if (status === 0) throw new DependencyError("unavailable", "the target does not answer")
  if (upstream.requests.length > 0) return received
  throw new DependencyError(
    "unavailable",
    `a harmless chat request was answered with status ${status} and did not reach the mock upstream: the target's upstream must be the mock, and the key one of the target's`,
  )
}
