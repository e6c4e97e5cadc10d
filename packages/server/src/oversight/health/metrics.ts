/**
 * Prometheus metrics: labels from short fixed lists, never an id.
 * @module
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { Feature } from "../../platform/feature.ts"
import type { JobOutcome } from "../../platform/jobs/registry.ts"

/** Facts about an answered request, without ids. */
export interface RequestSample {
  readonly method: string
  /** The route's pattern, such as `/v1/cases/:caseId`. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** Counters and gauges of the process. */
export interface Metrics {
  readonly contentType: string
  request(sample: RequestSample): void
  job(name: string, outcome: JobOutcome, seconds: number): void
  /** A gauge that is read at scrape time; a failing one is left out. */
  addGauge(gauge: NonNullable<Feature["measures"]>[number]): void
  /** Everything, in Prometheus' text form. */
  render(): Promise<string>
}

/** Creates the process's metrics in a registry of their own, with Node's default ones. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: "nightlight_" })
  const requests = new Counter({
    name: "nightlight_http_requests_total",
    help: "Answered requests.",
    registers,
    labelNames: ["method", "route", "status"],
  })
  const durations = new Histogram({
    name: "nightlight_http_request_seconds",
    help: "Time to an answer.",
    registers,
    labelNames: ["method", "route"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  })
  const jobs = new Counter({
    name: "nightlight_jobs_total",
    help: "Runs of jobs by how they ended.",
    registers,
    labelNames: ["job", "outcome"],
  })
  const jobTimes = new Histogram({
    name: "nightlight_job_seconds",
    help: "Time of a run.",
    registers,
    labelNames: ["job"],
    buckets: [0.02, 0.1, 0.5, 2, 10, 60, 600],
  })
  return {
    contentType: registry.contentType,
    request: ({ method, route, status, seconds }) => {
      requests.inc({ method, route, status: `${Math.floor(status / 100)}xx` })
      durations.observe({ method, route }, seconds)
    },
    job: (job, outcome, seconds) => {
      jobs.inc({ job, outcome })
      jobTimes.observe({ job }, seconds)
    },
    addGauge: ({ name, help, labels, read }) => {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers,
        labelNames: [...labels],
        collect: async () => {
          const samples = await read().catch(() => [])
          gauge.reset()
          // Without labels a reset gauge would show 0, although nobody counted it.
          if (labels.length === 0) gauge.remove()
          for (const sample of samples) gauge.set({ ...sample.labels }, sample.value)
        },
      })
    },
    render: () => registry.metrics(),
  }
}
