/**
 * A working guard: the configuration in force, what was made of it, and the services that outlive it.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Metrics } from "../admin/metrics.ts"
import { ENDPOINTS, SERVED_ENDPOINTS } from "../endpoints/all.ts"
import { type CoveredSurface, coverage, exceptionFor, uncovered } from "../engine/coverage.ts"
import { createEngine, type Engine } from "../engine/engine.ts"
import { type EndpointName, surfaceOf } from "../inspect/surface.ts"
import type { RemoteContent } from "../remote/ports.ts"
import type { GuardSetup } from "../setup/setup.ts"
import type { Upstream } from "../upstream/ports.ts"
import type { ExchangePorts } from "./admission.ts"
import { createCallLimit } from "./call-limit.ts"
import { Keys } from "./keys.ts"

/** Services that last as long as the process. */
export interface Services extends ExchangePorts {
  readonly upstream: Upstream
  /** Absent: links in bodies are refused. */
  readonly remote?: RemoteContent
  readonly metrics: Metrics
  readonly clock: Clock
}

/** One configuration in force. An exchange uses the one it began with to its end. */
export interface Running {
  readonly setup: GuardSetup
  readonly engine: Engine
  readonly keys: Keys
  /** Counts one call of a key. @throws {GuardRefusal} `rate_limit_exceeded`. */
  readonly limit: (key: string) => void
  /** The current coverage of the open surfaces. */
  readonly coverage: () => readonly CoveredSurface[]
  /** Whether every surface of an endpoint has a real check or an exception in force. */
  readonly isCovered: (endpoint: EndpointName) => boolean
  /** Counts an exchange in; the returned function counts it out. */
  readonly countExchange: () => () => void
  /** Closes the checks as soon as no exchange uses them any more. */
  readonly retire: () => void
}

/** How long an endpoint's coverage is remembered; the coverage of each item is checked all the same. */
const COVERAGE_MAX_AGE_MS = 1_000

/** Puts a configuration to work. */
export function startRunning(setup: GuardSetup, { metrics, clock }: Pick<Services, "metrics" | "clock">): Running {
  const { checks, exceptions, endpoints } = setup
  const owners = [...ENDPOINTS, ...SERVED_ENDPOINTS].filter(({ name }) => endpoints.has(name))
  const now = () => clock.now()
  let exchangesInProgress = 0
  let isRetired = false
  const closeUnused = () => {
    if (!isRetired || exchangesInProgress > 0) return
    for (const check of checks) check.close?.().catch(() => undefined)
  }
  const coverageByEndpoint = new Map<EndpointName, { readonly atMs: number; readonly covered: boolean }>()
  return {
    setup,
    engine: createEngine({
      checks,
      now,
      onRan: (result, context) => {
        metrics.ran(result, context)
        for (const { rule, shadow } of result.verdict?.signals ?? []) {
          if (shadow === true) metrics.shadowed(result.check.name, rule)
        }
      },
      isExcepted: ({ endpoint, direction }, medium) => {
        const surface = surfaceOf(endpoint, direction, medium)
        if (exceptionFor(surface, exceptions, now()) === undefined) return false
        metrics.excused(surface)
        return true
      },
    }),
    keys: new Keys(setup.keys, clock),
    limit: createCallLimit(clock, setup.limits),
    coverage: () => coverage(owners, checks, exceptions, now()),
    isCovered: (endpoint) => {
      const nowMs = now().getTime()
      const known = coverageByEndpoint.get(endpoint)
      if (known !== undefined && Math.abs(nowMs - known.atMs) < COVERAGE_MAX_AGE_MS) return known.covered
      const own = owners.filter(({ name }) => name === endpoint)
      const covered = uncovered(coverage(own, checks, exceptions, now())).length === 0
      coverageByEndpoint.set(endpoint, { atMs: nowMs, covered })
      return covered
    },
    countExchange: () => {
      exchangesInProgress++
      return () => {
        exchangesInProgress--
        closeUnused()
      }
    },
    retire: () => {
      isRetired = true
      closeUnused()
    },
  }
}
