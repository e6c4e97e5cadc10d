/**
 * What a case of the suite is, and what comes of it.
 * @module
 */

import type { Received } from "../client/received.ts"
import type { Outgoing } from "../client/send.ts"
import type { MockUpstream } from "../mock/mock-upstream.ts"
import type { PictureFormat } from "../pictures/encoded.ts"
import type { Problem } from "./problems.ts"

/** Endpoints that cases are about; `routes` is everything that should not be there. */
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

/** What the report says about a case beside its outcome. */
export interface CaseFacts {
  /** Such as `chat.input.user`; the same in every version of the suite. */
  readonly id: string
  readonly endpoint: ConformanceEndpoint
  readonly direction: "input" | "output"
  /** Where in the request or answer: `tool arguments`, `second choice`. */
  readonly channel: string
  readonly stream: boolean
  /** What the upstream, or the caller, does wrong; absent where nobody does. */
  readonly fault?: string
}

/**
 * How a case ended.
 *
 * - `leaked`: what had to be stopped got through.
 * - `stopped_otherwise`: nothing got through, but not by a refusal or an ending that clients of the API understand.
 * - `sound`: the harmless twin passed, the marked one was stopped as the API stops things.
 * - `closed`: sound, because the gateway lets nothing through there, harmless or not.
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

/** What is planted: a harmless word, or the one that is to be stopped. */
export interface Planted {
  readonly word: string
  /** A PNG unless a case asked for another format: a clean picture, or a test card. */
  readonly picture: Uint8Array
  /** The same picture in each format. */
  readonly formats: Readonly<Record<PictureFormat, Uint8Array>>
  /** Texts that all arrive where the planted thing does; where absent, its word or its bytes tell. */
  readonly traces?: readonly string[]
}

/** What a case works with. */
export interface Trial {
  /** Must pass. */
  readonly plain: Planted
  /** Must be stopped. */
  readonly marked: Planted
  readonly upstream: MockUpstream
  readonly send: (request: Outgoing) => Promise<Received>
  /** Sends what holds nothing that is to be stopped: a marker in the answer is one that the gateway tells by itself. */
  readonly sendHarmless: (request: Outgoing) => Promise<Received>
  readonly fail: (problem: Problem) => void
}

/** A case of the suite. */
export interface ConformanceCase extends CaseFacts {
  /** Harmless traffic without which no other case of its endpoint and kind of answer says anything. */
  readonly isFamilyControl?: boolean
  /** Tries it; says what it found by {@link Trial.fail}. */
  readonly run: (trial: Trial) => Promise<"sound" | "closed" | "untested">
}
