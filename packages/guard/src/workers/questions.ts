/**
 * The questions between a guard's processes. The first process holds whatever must exist once: lists and decoders,
 * accounts and limits, incidents and the generation log. Its workers take calls.
 * @module
 */
import type { MetricObjectWithValues, MetricValue } from "prom-client"
import type { CheckContext, Verdict } from "../checks/check.ts"
import type { ConfigFiles } from "../files/config-files.ts"
import type { FrontState } from "../http/front.ts"
import type { Place } from "../http/listen.ts"
import type { BlockEvent } from "../incidents/ports.ts"
import type { CheckItem } from "../inspect/inspectable.ts"
import type { Admission, AdmissionCall } from "../running/admission.ts"

/** Metrics of one process, as its registry returns them. */
export type Measures = readonly MetricObjectWithValues<MetricValue<string>>[]

/** State of a worker. */
export interface WorkerState extends FrontState {
  /** Version of the configuration in force. */
  readonly config: string
  readonly measures: Measures
}

/** Everything that a worker needs to start. */
export interface WorkerStart {
  readonly configPath: string
  /** The configuration in force, which may differ from the files' current contents. */
  readonly files: ConfigFiles
  readonly upstreamUrl: string
  /** How many workers share the upstream's connections. */
  readonly workers: number
  readonly place: Place
  /** Whether links in bodies are followed. */
  readonly followsLinks: boolean
  /** Whether a list that is not a test list is live. */
  readonly screens: boolean
}

/** Questions of workers to the first process. */
export interface AskedByWorkers {
  readonly admit: readonly [given: AdmissionCall, answer: Admission & { readonly screens: boolean }]
  readonly match: readonly [
    given: {
      readonly name: string
      readonly deadlineMs: number
      readonly items: readonly CheckItem[]
      readonly context: CheckContext
    },
    answer: Verdict,
  ]
  readonly record: readonly [
    given: { readonly event: BlockEvent; readonly call: string | undefined },
    answer: "kept" | "alarm",
  ]
}

/** Questions of the first process to workers. */
export interface AskedByFirst {
  readonly start: readonly [given: WorkerStart, answer: WorkerState]
  /** Loads a configuration without using it yet. */
  readonly prepare: readonly [given: { readonly files: ConfigFiles; readonly screens: boolean }, answer: null]
  /** Uses the prepared configuration. */
  readonly commit: readonly [given: null, answer: WorkerState]
  /** Drops the prepared configuration. */
  readonly abandon: readonly [given: null, answer: null]
  readonly state: readonly [given: null, answer: WorkerState]
  /** Accepts no new calls and waits at most this long for those in progress. */
  readonly drain: readonly [given: { readonly graceMs: number }, answer: WorkerState]
}
