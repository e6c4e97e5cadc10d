/**
 * Cases of the suite and their outcomes.
 * @module
 */

import type { Received } from "../client/received.ts"
import type { Outgoing } from "../client/send.ts"
import type { MockUpstream } from "../mock/mock-upstream.ts"
import type { PictureFormat } from "../pictures/encoded.ts"
import type { Problem } from "./problems.ts"

/** Endpoints that cases test; `routes` stands for every route that should not exist. */
export const CONFORMANCE_ENDPOINTS = [
  "chat",
  "responses",
  "completions",
  "embeddings",
  "images.generations",
  "images.edits",
  "images.variations",
  "moderations",
  "litellm",
  "models",
  "routes",
] as const

/** One of {@link CONFORMANCE_ENDPOINTS}. */
export type ConformanceEndpoint = (typeof CONFORMANCE_ENDPOINTS)[number]

/** Facts about a case in the report. */
export interface CaseFacts {
  /** Such as `chat.input.user`; the same in every version of the suite. */
  readonly id: string
  readonly endpoint: ConformanceEndpoint
  readonly direction: "input" | "output"
  /** Where in the request or answer: `tool arguments`, `second choice`. */
  readonly channel: string
  readonly stream: boolean
  /** Mistake of the upstream or the caller, if there is one. */
  readonly fault?: string
}

/**
 * How a case ended.
 *
 * - `leaked`: the marker or the marked picture got through.
 * - `stopped_otherwise`: nothing got through, but not by a refusal or an ending that clients of the API understand.
 * - `sound`: the harmless twin passed and the marked one was stopped in the API's own way.
 * - `closed`: sound, because the gateway lets nothing through here, harmless or not.
 * - `broken`: harmless traffic of its kind does not work, so that nothing was learned.
 * - `untested`: the gateway does not offer the endpoint.
 */
export const CASE_OUTCOMES = ["leaked", "stopped_otherwise", "sound", "closed", "broken", "untested"] as const

/** One of {@link CASE_OUTCOMES}. */
export type CaseOutcome = (typeof CASE_OUTCOMES)[number]

/** A case and how it ended. */
export interface CaseResult extends CaseFacts {
  readonly outcome: CaseOutcome
  readonly problems: readonly Problem[]
}

/** A planted word and picture: harmless, or to be stopped. */
export interface Planted {
  readonly word: string
  /** A clean picture or a test card. PNG unless the case wants another format. */
  readonly picture: Uint8Array
  /** The same picture in each format. */
  readonly formats: Readonly<Record<PictureFormat, Uint8Array>>
  /** Texts that all arrive if the planted thing does. Absent: its word or its bytes are looked for. */
  readonly traces?: readonly string[]
}

/** One run of a case against a gateway. */
export interface Trial {
  /** Must pass. */
  readonly plain: Planted
  /** Must be stopped. */
  readonly marked: Planted
  readonly upstream: MockUpstream
  readonly send: (request: Outgoing) => Promise<Received>
  /** Sends a request without the marker; a marker in the answer comes from the gateway itself. */
  readonly sendHarmless: (request: Outgoing) => Promise<Received>
  readonly fail: (problem: Problem) => void
}

/** A case of the suite. */
export interface ConformanceCase extends CaseFacts {
  /**
   * Whether this is the harmless control: if it fails, other cases of its endpoint and kind of answer cannot be judged.
   */
  readonly isFamilyControl?: boolean
  /** Runs the case, reporting problems by {@link Trial.fail}. */
  readonly run: (trial: Trial) => Promise<"sound" | "closed" | "untested">
}
