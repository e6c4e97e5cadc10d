/**
 * Runs the suite against a gateway whose upstream is the suite's own mock.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import type { CaseOutcome, CaseResult, ConformanceCase, Trial } from "./case.ts"
import { CONFORMANCE_CASES } from "./cases/all.ts"
import { chatCall } from "./cases/chat-input.ts"
import { usualAnswer } from "./cases/usual.ts"
import { type Client, openClient } from "./client/send.ts"
import { CONFORMANCE_MARKER, markedPlanted, plainPlanted } from "./markers.ts"
import type { MockUpstream } from "./mock/mock-upstream.ts"
import type { Problem } from "./problems.ts"
import { untestedSurfaces } from "./surfaces.ts"

/** What {@link runConformance} takes. */
export interface ConformanceOptions {
  /** Base URL of the gateway under test, such as `http://127.0.0.1:8081/v1`. */
  readonly target: string
  /** Started before the gateway, which has it as its upstream. */
  readonly upstream: MockUpstream
  /** Sent as a bearer token. */
  readonly key?: string
  /** The phrase that the gateway was told to block. */
  readonly marker?: string
  /** Until one answer must be whole, milliseconds. */
  readonly timeoutMs?: number
  /** Only these cases, by id. */
  readonly only?: (id: string) => boolean
  readonly onCase?: (result: CaseResult, done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** What came of a run. */
export interface ConformanceReport {
  /** Cases that passed, those with nothing open among them. */
  readonly passed: number
  readonly failed: number
  readonly cases: readonly CaseResult[]
  /** What was not tested, in words. */
  readonly untested: readonly string[]
  /** ISO 8601. */
  readonly at: string
}

const TIMEOUT_MS = 30_000

/**
 * Runs every case, one after the other.
 *
 * @throws {DependencyError} `unavailable` when the target does not answer, or does not lead to the mock.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const { upstream, key, marker = CONFORMANCE_MARKER, timeoutMs = TIMEOUT_MS, only = () => true, signal } = options
  const client = openClient({ target: new URL(options.target), timeoutMs, ...(key !== undefined && { key }) })
  try {
    await assertReachable(client, upstream)
    const chosen = CONFORMANCE_CASES.filter(({ id }) => only(id))
    const cases: CaseResult[] = []
    for (const one of chosen) {
      signal?.throwIfAborted()
      const result = await tryCase(one, client, upstream, marker)
      cases.push(result)
      options.onCase?.(result, cases.length, chosen.length)
    }
    const count = (...outcomes: readonly CaseOutcome[]) =>
      cases.filter(({ outcome }) => outcomes.includes(outcome)).length
    return {
      passed: count("passed", "closed"),
      failed: count("failed"),
      cases,
      untested: untestedSurfaces(cases),
      at: new Date().toISOString(),
    }
  } finally {
    await client.close()
  }
}

/** Without the mock behind it, a target that leaks would look as if it did not. */
async function assertReachable(client: Client, upstream: MockUpstream): Promise<void> {
  upstream.seen.length = 0
  upstream.answer = usualAnswer
  const { status } = await client.send(chatCall())
  if (status === 0) throw new DependencyError("unavailable", "the target does not answer")
  if (upstream.seen.length > 0) return
  throw new DependencyError(
    "unavailable",
    `a harmless chat request was answered with status ${status} and did not reach the mock upstream: the target's upstream must be the mock, and the key one of the target's`,
  )
}

async function tryCase(
  { run, ...facts }: ConformanceCase,
  client: Client,
  upstream: MockUpstream,
  marker: string,
): Promise<CaseResult> {
  const problems = new Set<Problem>()
  upstream.seen.length = 0
  upstream.gone.length = 0
  const trial: Trial = {
    plain: plainPlanted(),
    marked: markedPlanted(marker),
    upstream,
    send: (request) => client.send(request),
    fail: (problem) => problems.add(problem),
  }
  const outcome = await run(trial)
  const { id, endpoint, direction, channel, stream, fault } = facts
  return {
    ...{ id, endpoint, direction, channel, stream },
    ...(fault !== undefined && { fault }),
    outcome: problems.size > 0 ? "failed" : outcome,
    problems: [...problems],
  }
}
