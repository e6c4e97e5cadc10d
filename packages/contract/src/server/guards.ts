/**
 * Guards over HTTP: each one that pushes to a server sends a heartbeat every minute. Codes, counts and names of the
 * configuration; nothing of what anybody sent.
 * @module
 */
import { ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { SharedListCoverage } from "./shared-report.ts"
import { SourceId } from "./sources.ts"

const Count = z.int().nonnegative()
const Code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 .,_+/:;-]{0,119}$/)

/** Between two heartbeats of a guard, seconds. */
export const GUARD_HEARTBEAT_SECONDS = 60

/** A guard that was not heard for so long is late, seconds. */
export const GUARD_LATE_SECONDS = 180

/** One open surface, such as `chat.input.image`, and what looks at it. */
export const GuardSurface = z.strictObject({
  surface: Code,
  /** Names of the checks that look at it, as the configuration has them. */
  checks: z.array(z.string().regex(/^[^\p{Cc}\p{Cs}]{1,120}$/u)).max(100),
  /** Whether one of them has something real to check with. */
  screened: z.boolean(),
  /** End of the exception in force, where it passes unscreened by two people's word. */
  excusedUntil: Timestamp.exactOptional(),
})
export type GuardSurface = z.infer<typeof GuardSurface>

/** Counts since the guard was started. */
export const GuardCounts = z.strictObject({
  /** Exchanges that ended. */
  requests: Count,
  passed: Count,
  blockedInput: Count,
  blockedOutput: Count,
  /** Refused because a check that must speak did not, or nothing real was there to check with. */
  unavailable: Count,
  /** Refused before anything was looked at: no key, no such endpoint, too many calls, not understood. */
  refused: Count,
  upstreamFailed: Count,
  /** The caller went away. */
  gone: Count,
  /** Messages, answers and windows of streams that passed though nothing real looked at a part: by an exception in force. */
  unscreened: Count,
  /** Runs of a check that failed, overran its time or answered in the wrong shape. */
  checkFailures: Count,
})
export type GuardCounts = z.infer<typeof GuardCounts>

/** `PUT /v1/guards/self` body: the state of the calling guard, as its `/readyz` says. */
export const GuardHeartbeat = z.strictObject({
  /** `guard-<uuid>`, made when the process starts: several guards may use one workspace. */
  instance: z.string().regex(/^guard-[0-9a-f-]{36}$/),
  version: Code,
  startedAt: Timestamp,
  /** `stopped`: the last word of a guard that was ended on purpose. */
  state: z.enum(["running", "draining", "stopped"]),
  /** Whether it takes calls. */
  ready: z.boolean(),
  /** Codes of why not, or of what an operator must know. */
  faults: z.array(Code).max(100),
  /** Version of the configuration in force. */
  config: Code,
  policy: z.strictObject({ name: Code, digest: Sha256Hex }),
  /** How far what decodes media is kept from everything else. */
  isolation: z.enum(ISOLATIONS),
  lists: z.strictObject({
    indexVersion: z.int().positive().exactOptional(),
    /** Whether a list that is no test list is among them. */
    screens: z.boolean(),
    lists: z.array(SharedListCoverage).max(1000),
  }),
  surfaces: z.array(GuardSurface).max(200),
  counts: GuardCounts,
  /** Items that wait for delivery; `accepting` is false when what must be recorded could not be. */
  spool: z.strictObject({ records: Count, accepting: z.boolean(), fault: Code.exactOptional() }),
})
export type GuardHeartbeat = z.infer<typeof GuardHeartbeat>

/** `PUT /v1/guards/self` answer. */
export const GuardHeartbeatAnswer = z.strictObject({ source: SourceId, nextInSeconds: z.int().positive() })

/** One guard process, as it was heard last. */
export const GuardView = z.strictObject({
  ...GuardHeartbeat.omit({ state: true }).shape,
  /** `late`: not heard for {@link GUARD_LATE_SECONDS}; what else is said here is how it stood then. */
  state: z.enum(["running", "draining", "late", "stopped"]),
  firstSeenAt: Timestamp,
  lastSeenAt: Timestamp,
})
export type GuardView = z.infer<typeof GuardView>

/** The guards of one source. */
export const GuardSource = z.strictObject({
  source: SourceId,
  /** The operator's own name for it; there for those who may see sources. */
  sourceName: z.string().exactOptional(),
  /** When one of them was heard last. */
  lastSeenAt: Timestamp,
  /** The gravest: `late` if any is, `stopped` if all are, `unready` if one that runs takes no calls. */
  state: z.enum(["running", "unready", "late", "stopped"]),
  /** Running first. One that fell silent or stopped is left out once another began in its place, or after a week. */
  guards: z.array(GuardView),
})
export type GuardSource = z.infer<typeof GuardSource>

/** `GET /v1/guards` answer. A guard that delivers to no server is not in it: nobody here knows of it. */
export const GuardList = z.strictObject({ sources: z.array(GuardSource) })
