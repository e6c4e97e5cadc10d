/**
 * Guards over HTTP: each one that pushes to a server sends a heartbeat every minute, with codes, counts and names of
 * the configuration, and nothing that anybody sent.
 * @module
 */
import { ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { SharedListCoverage } from "./shared-report.ts"
import { SourceId } from "./sources.ts"

const Count = z.int().nonnegative()
const Code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 .,_+/:;-]{0,119}$/)

/** Interval of a guard's heartbeats, seconds. */
export const GUARD_HEARTBEAT_SECONDS = 60

/** A guard without a heartbeat for this long is late, seconds. */
export const GUARD_LATE_SECONDS = 180

/** One open surface, such as `chat.input.image`, and its checks. */
export const GuardSurface = z.strictObject({
  surface: Code,
  /** Names of its checks, as in the configuration. */
  checks: z.array(z.string().regex(/^[^\p{Cc}\p{Cs}]{1,120}$/u)).max(100),
  /** Whether one of them has something real to check with. */
  screened: z.boolean(),
  /** End of the exception in effect, if it passes unscreened because two people approved that. */
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
  /** Refused because a required check failed, or there was nothing real to check with. */
  unavailable: Count,
  /** Refused before any check: no key, no such endpoint, too many calls, not parsable. */
  refused: Count,
  upstreamFailed: Count,
  /** The caller disconnected. */
  gone: Count,
  /** Messages, answers and windows of streams of which a part passed unchecked, by an exception in effect. */
  unscreened: Count,
  /** Runs of a check that failed, timed out or returned a malformed answer. */
  checkFailures: Count,
})
export type GuardCounts = z.infer<typeof GuardCounts>

/** `PUT /v1/guards/self` body: the state of the calling guard, as in its `/readyz`. */
export const GuardHeartbeat = z.strictObject({
  /** `guard-<uuid>`, made when the process starts: several guards may use one workspace. */
  instance: z.string().regex(/^guard-[0-9a-f-]{36}$/),
  version: Code,
  startedAt: Timestamp,
  /** `stopped`: the last heartbeat of a guard that was ended on purpose. */
  state: z.enum(["running", "draining", "stopped"]),
  /** Whether it accepts calls. */
  ready: z.boolean(),
  /** Codes of reasons why not, or of what an operator must know. */
  faults: z.array(Code).max(100),
  /** Version of the configuration in effect. */
  config: Code,
  policy: z.strictObject({ name: Code, digest: Sha256Hex }),
  /** Isolation of the decoder of media. */
  isolation: z.enum(ISOLATIONS),
  lists: z.strictObject({
    indexVersion: z.int().positive().exactOptional(),
    /** Whether one of the lists is no test list. */
    screens: z.boolean(),
    lists: z.array(SharedListCoverage).max(1000),
  }),
  surfaces: z.array(GuardSurface).max(200),
  counts: GuardCounts,
  /** Items that wait for delivery; `accepting` is false if items that must be recorded could not be. */
  spool: z.strictObject({ records: Count, accepting: z.boolean(), fault: Code.exactOptional() }),
})
export type GuardHeartbeat = z.infer<typeof GuardHeartbeat>

/** `PUT /v1/guards/self` answer. */
export const GuardHeartbeatAnswer = z.strictObject({ source: SourceId, nextInSeconds: z.int().positive() })

/** One guard process, by its last heartbeat. */
export const GuardView = z.strictObject({
  ...GuardHeartbeat.omit({ state: true }).shape,
  /** `late`: no heartbeat for {@link GUARD_LATE_SECONDS}; the other members then show its last state. */
  state: z.enum(["running", "draining", "late", "stopped"]),
  firstSeenAt: Timestamp,
  lastSeenAt: Timestamp,
})
export type GuardView = z.infer<typeof GuardView>

/** The guards of one source. */
export const GuardSource = z.strictObject({
  source: SourceId,
  /** The operator's own name for it; only for people who may see sources. */
  sourceName: z.string().exactOptional(),
  /** Time of the last heartbeat of any. */
  lastSeenAt: Timestamp,
  /** The gravest state: `late` if any is, `stopped` if all are, `unready` if a running one accepts no calls. */
  state: z.enum(["running", "unready", "late", "stopped"]),
  /**
   * Running ones first. A guard that fell silent or stopped is left out once another started in its place, or after a
   * week.
   */
  guards: z.array(GuardView),
})
export type GuardSource = z.infer<typeof GuardSource>

/** `GET /v1/guards` answer. A guard that delivers to no server is unknown here. */
export const GuardList = z.strictObject({ sources: z.array(GuardSource) })
