/**
 * What a case of the suite is, and what comes of it.
 * @module
 */

import type { Received } from "./client/received.ts"
import type { Outgoing } from "./client/send.ts"
import type { MockUpstream } from "./mock/mock-upstream.ts"
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
 * How a case ended: `passed`; `closed`, the gateway lets nothing through there, harmless or not; `untested`, the gateway
 * does not offer the endpoint; `failed`.
 */
export type CaseOutcome = "passed" | "closed" | "untested" | "failed"

/** A case and how it ended. */
export interface CaseResult extends CaseFacts {
  readonly outcome: CaseOutcome
  readonly problems: readonly Problem[]
}

/** What is planted: a harmless word, or the one that is to be stopped. */
export interface Planted {
  readonly word: string
  /** A PNG: a clean one, or a test card. */
  readonly picture: Uint8Array
}

/** What a case works with. */
export interface Trial {
  /** Must pass. */
  readonly plain: Planted
  /** Must be stopped. */
  readonly marked: Planted
  readonly upstream: MockUpstream
  readonly send: (request: Outgoing) => Promise<Received>
  readonly fail: (problem: Problem) => void
}

/** A case of the suite. */
export interface ConformanceCase extends CaseFacts {
  /** Tries it; says what it found by {@link Trial.fail}. */
  readonly run: (trial: Trial) => Promise<Exclude<CaseOutcome, "failed">>
}
