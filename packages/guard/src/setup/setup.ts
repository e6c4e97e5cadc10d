/**
 * What a running guard is made of: read from `guard.yaml` and the workspace by whoever starts it, exchanged as one when
 * the file changes.
 * @module
 */
import type { GuardKey } from "../accounts/guard-key.ts"
import type { Check } from "../checks/check.ts"
import type { EndpointName, Surface } from "../inspect/surface.ts"

/** A surface that may pass though nothing real looks at it. By two people, with an end; never for list matches. */
export interface SurfaceException {
  readonly surface: Surface
  readonly reason: string
  readonly approvedBy: readonly [string, string]
  /** ISO 8601. */
  readonly until: string
}

/** How streams are held back. */
export interface HoldBackSettings {
  /** New code units that make a window due; each check of a window holds what came before by its own overlap. */
  readonly windowChars: number
  /** The same for the first window of a text. */
  readonly firstWindowChars: number
  /** Code units held at most, pictures in texts apart; beyond them the answer ends. */
  readonly maxHeldBytes: number
  /** Code units held at most of texts in which a picture may stand that is not whole; beyond them the answer ends. */
  readonly maxHeldPictureBytes: number
  /** Comments are sent this often while nothing is released, milliseconds. */
  readonly keepAliveMs: number
  /** `all`: nothing is released before the whole answer was checked. */
  readonly mode: "windows" | "all"
}

/** Limits of one call. */
export interface CallLimits {
  readonly maxRequestBytes: number
  readonly maxAnswerBytes: number
  /** One picture, decoded from base64. */
  readonly maxPictureBytes: number
  /** Whole request body must be there by then, milliseconds. */
  readonly bodyMs: number
  /** Upstream's headers must be there by then, milliseconds. */
  readonly upstreamMs: number
  /** Between two pieces of an answer, milliseconds. */
  readonly idleMs: number
  /** Calls a minute of one key, and at once. */
  readonly perMinute: number
  readonly burst: number
  /** Bodies of one key that come in at once. */
  readonly maxBodies: number
  /** Bytes of the bodies of one key's calls under way. */
  readonly maxBodyBytes: number
  /** Choices of one request. */
  readonly maxChoices: number
}

/** Everything that can change while the guard runs. Immutable; one exchange uses one from its start to its end. */
export interface GuardSetup {
  /** SHA-256 of the file, the first 12 digits: in logs and metrics. */
  readonly version: string
  /** No keys: everyone who reaches the port may call, and nobody is trusted. */
  readonly keys: readonly GuardKey[]
  readonly endpoints: ReadonlySet<EndpointName>
  /** In their order: every `match` first, then `text`, then classifiers. */
  readonly checks: readonly Check[]
  readonly exceptions: readonly SurfaceException[]
  readonly holdBack: HoldBackSettings
  readonly limits: CallLimits
  /** What a caller reads when something was blocked; by the language of `accept-language`, `en` always there. */
  readonly messages: Readonly<Record<string, string>>
}
