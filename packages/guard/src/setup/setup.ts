/**
 * The parts of a running guard: read from `guard.yaml` and the workspace by the process that starts it, replaced
 * together when the file changes.
 * @module
 */
import type { GuardKey } from "../accounts/guard-key.ts"
import type { Check } from "../checks/check.ts"
import type { EndpointName, Surface } from "../inspect/surface.ts"

/** A surface that may pass without a real check: approved by two people, with an end; never for list matches. */
export interface SurfaceException {
  readonly surface: Surface
  readonly reason: string
  readonly approvedBy: readonly [string, string]
  /** ISO 8601. */
  readonly until: string
}

/** How streams are held back. */
export interface HoldBackSettings {
  /** New code units that make a window due; each check of a window adds its own overlap of the text before. */
  readonly windowChars: number
  /** The same for the first window of a text. */
  readonly firstWindowChars: number
  /** Most code units held, not counting pictures in texts; beyond them the answer ends. */
  readonly maxHeldBytes: number
  /** Most code units held of texts that may contain an incomplete picture; beyond them the answer ends. */
  readonly maxHeldPictureBytes: number
  /** Milliseconds between two comments while nothing is released. */
  readonly keepAliveMs: number
  /** `all`: nothing is released before the whole answer was checked. */
  readonly mode: "windows" | "all"
}

/** Limits of one call. */
export interface CallLimits {
  readonly maxRequestBytes: number
  readonly maxAnswerBytes: number
  /** Bytes of one picture, decoded from base64. */
  readonly maxPictureBytes: number
  /** Milliseconds within which the whole request body must arrive. */
  readonly bodyMs: number
  /** Milliseconds within which the upstream's headers must arrive. */
  readonly upstreamMs: number
  /** Milliseconds between two pieces of an answer. */
  readonly idleMs: number
  /** Calls per minute of one key, and calls at once. */
  readonly perMinute: number
  readonly burst: number
  /** Bodies of one key that may arrive at once. */
  readonly maxBodies: number
  /** Bytes of the bodies of one key's calls in progress. */
  readonly maxBodyBytes: number
  /** Largest number of choices in one request. */
  readonly maxChoices: number
}

/** Everything that can change while the guard runs. Immutable; one exchange uses one from its start to its end. */
export interface GuardSetup {
  /** First 12 digits of the file's SHA-256, for logs and metrics. */
  readonly version: string
  /** Without keys everyone who reaches the port may call, and nobody is trusted. */
  readonly keys: readonly GuardKey[]
  readonly endpoints: ReadonlySet<EndpointName>
  /** In their order: every `match` first, then `text`, then classifiers. */
  readonly checks: readonly Check[]
  readonly exceptions: readonly SurfaceException[]
  readonly holdBack: HoldBackSettings
  readonly limits: CallLimits
  /** The message for blocked content, by the language of `accept-language`; `en` is always there. */
  readonly messages: Readonly<Record<string, string>>
}
