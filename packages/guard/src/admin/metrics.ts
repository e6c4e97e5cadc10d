/**
 * Counts and times for Prometheus, labelled with names of endpoints, checks and codes, never with callers or content.
 * @module
 */
import type { GuardCounts } from "@nightlight/contract/server"
import { Counter, Gauge, Histogram, type MetricValue, Registry } from "prom-client"
import type { CheckContext } from "../checks/check.ts"
import type { Failure } from "../engine/outcome.ts"
import type { CheckResult } from "../engine/run-check.ts"
import type { EndpointName, Surface } from "../inspect/surface.ts"

/** How an exchange ended. */
export type ExchangeEnd =
  | "passed"
  | "blocked_input"
  | "blocked_output"
  | "unavailable"
  | "refused"
  | "upstream_failed"
  | "gone"

/** The guard's metrics. */
export interface Metrics {
  readonly registry: Registry
  started(endpoint: EndpointName): void
  ended(endpoint: EndpointName, end: ExchangeEnd, seconds: number): void
  ran(result: CheckResult, context: CheckContext): void
  /** A stream was stopped by something other than a check's finding. */
  failed(failure: Pick<Failure, "check" | "cause">): void
  /** A rule in shadow matched. */
  shadowed(check: string, rule: string): void
  /** First token of a stream: `upstream` when the upstream sent it, `released` when the guard released it. */
  firstToken(side: "upstream" | "released", seconds: number): void
  dropped(endpoint: EndpointName, fields: number): void
  /** Content passed unscreened, by an exception in force. */
  excused(surface: Surface): void
  alarm(code: string): void
  /** Calls a function for the value whenever the metrics are read. */
  watch(name: string, help: string, read: () => number): void
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

interface EndpointSeries {
  readonly inFlight: Gauge.Internal<string>
  readonly duration: Histogram.Internal<string>
  readonly ends: Map<ExchangeEnd, Counter.Internal>
}

/** Makes the metrics in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(rest: string, help: string, ...labelNames: Label[]) =>
    new Counter({ registers, name: nameOf(rest), help, labelNames })
  const timer = <Label extends string>(rest: string, help: string, ...labelNames: Label[]) =>
    new Histogram({ registers, name: nameOf(rest), help, labelNames, buckets: SECONDS })
  const exchanges = counter("exchanges_total", "Exchanges, by the way they ended", "endpoint", "end")
  const inFlight = new Gauge({
    registers,
    name: nameOf("in_flight"),
    help: "Exchanges in progress",
    labelNames: ["endpoint"],
  })
  const duration = timer("exchange_seconds", "Whole exchanges", "endpoint")
  const checks = timer("check_seconds", "One run of a check", "check")
  const failures = counter(
    "check_failures_total",
    "Checks that gave no verdict, and streams that `hold-back` ended at its limits",
    "check",
    "cause",
  )
  const excused = counter(
    "excused_total",
    "Messages, answers and windows of which a part passed without a real check, by an exception in force",
    "surface",
  )
  const shadow = counter("shadow_signals_total", "Signals of rules in shadow", "check", "rule")
  const first = timer("first_token_seconds", "First token of a stream", "side")
  const droppedFields = counter("dropped_fields_total", "Fields of answers that were left out", "endpoint")
  const alarms = counter("alarms_total", "Alarms that a person must investigate", "code")
  // Looking a series up by its labels costs more than counting, so each is looked up once.
  const checkTimers = new Map<string, ReturnType<typeof checks.labels>>()
  const byEndpoint = new Map<EndpointName, EndpointSeries>()
  const seriesOf = (endpoint: EndpointName): EndpointSeries => {
    const known = byEndpoint.get(endpoint)
    if (known !== undefined) return known
    const made = { inFlight: inFlight.labels(endpoint), duration: duration.labels(endpoint), ends: new Map() }
    byEndpoint.set(endpoint, made)
    return made
  }
  return {
    registry,
    started: (endpoint) => seriesOf(endpoint).inFlight.inc(),
    ended: (endpoint, end, seconds) => {
      const series = seriesOf(endpoint)
      series.inFlight.dec()
      const ended = series.ends.get(end) ?? exchanges.labels(endpoint, end)
      series.ends.set(end, ended)
      ended.inc()
      series.duration.observe(seconds)
    },
    ran: ({ check, ms, failure }) => {
      const series = checkTimers.get(check.name) ?? checks.labels(check.name)
      checkTimers.set(check.name, series)
      series.observe(ms / 1000)
      if (failure !== undefined) failures.inc({ check: check.name, cause: failure })
    },
    failed: ({ check, cause }) => failures.inc({ check, cause }),
    shadowed: (check, rule) => shadow.inc({ check, rule }),
    firstToken: (side, seconds) => first.observe({ side }, seconds),
    dropped: (endpoint, fields) => {
      if (fields > 0) droppedFields.inc({ endpoint }, fields)
    },
    excused: (surface) => excused.inc({ surface }),
    alarm: (code) => alarms.inc({ code }),
    watch: (rest, help, read) => {
      new Gauge({
        registers,
        name: nameOf(rest),
        help,
        collect() {
          this.set(read())
        },
      })
    },
  }
}

/** The sums of a guard's registry, over all endpoints and checks. */
export async function countsOf(registry: Registry): Promise<GuardCounts> {
  const [ended, failed, passed] = await Promise.all(
    ["exchanges_total", "check_failures_total", "excused_total"].map((rest) => valuesOf(registry, rest)),
  )
  const of = (end: ExchangeEnd) => sum((ended ?? []).filter(({ labels }) => labels["end"] === end))
  return {
    requests: sum(ended ?? []),
    passed: of("passed"),
    blockedInput: of("blocked_input"),
    blockedOutput: of("blocked_output"),
    unavailable: of("unavailable"),
    refused: of("refused"),
    gone: of("gone"),
    upstreamFailed: of("upstream_failed"),
    unscreened: sum(passed ?? []),
    checkFailures: sum(failed ?? []),
  }
}

type Values = readonly MetricValue<string>[]

async function valuesOf(registry: Registry, rest: string): Promise<Values> {
  const metric = registry.getSingleMetric(nameOf(rest)) as { get(): Promise<{ values: Values }> } | undefined
  return (await metric?.get())?.values ?? []
}

function nameOf(rest: string): string {
  return `nightlight_guard_${rest}`
}

function sum(values: readonly { readonly value: number }[]): number {
  return values.reduce((total, { value }) => total + value, 0)
}
