/**
 * What a guard's processes ask each other. The first process has everything of which there must be one: lists and
 * decoders, accounts and limits, finds and the generation log. Its workers take calls.
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

/** Measures of one process, as its registry gives them. */
export type Measures = readonly MetricObjectWithValues<MetricValue<string>>[]

/** How a worker stands. */
export interface WorkerState extends FrontState {
  /** Version of the configuration in force. */
  readonly config: string
  readonly measures: Measures
}

/** Everything that a worker begins with. */
export interface WorkerStart {
  readonly configPath: string
  /** The configuration in force: it may differ from what the files hold now. */
  readonly files: ConfigFiles
  readonly upstreamUrl: string
  /** How many workers share the upstream's connections. */
  readonly workers: number
  readonly place: Place
  /** Whether links in bodies are followed. */
  readonly followsLinks: boolean
  /** Whether a list that is no test list is live. */
  readonly screens: boolean
}

/** What workers ask the first process. */
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

/** What the first process asks workers. */
export interface AskedByFirst {
  readonly start: readonly [given: WorkerStart, answer: WorkerState]
  /** Loads a configuration, and uses it not yet. */
  readonly prepare: readonly [given: { readonly files: ConfigFiles; readonly screens: boolean }, answer: null]
  /** Uses what was prepared. */
  readonly commit: readonly [given: null, answer: WorkerState]
  /** Forgets what was prepared. */
  readonly abandon: readonly [given: null, answer: null]
  readonly state: readonly [given: null, answer: WorkerState]
  /** Takes nothing new and ends what is under way, at most so long. */
  readonly drain: readonly [given: { readonly graceMs: number }, answer: WorkerState]
}
