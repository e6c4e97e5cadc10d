/**
 * Restarts of checkpoints: where log and checkpoints contradict each other for good, a person and whoever runs the
 * custodian's host let checkpoints go on from another event.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { GrantProof, OpaqueId } from "./grant.ts"

/** Name and version of a restart's form. */
export const CHECKPOINT_RESTART_FORMAT = "nightlight-checkpoint-restart/1"

/** Longest validity of a restart, hours: both the person's signature and the host's command fall within. */
export const MAX_RESTART_HOURS = 24

/**
 * Why checkpoints go on from another event: the database was restored from a backup, the log was written again by
 * somebody, a clock ran ahead or back, or the custodian's own folder was put back.
 */
export const RESTART_REASONS = ["database-restored", "log-rewritten", "clock-wrong", "custodian-restored"] as const
/** One of {@link RESTART_REASONS}. */
export type RestartReason = (typeof RESTART_REASONS)[number]

/** An event of the server's log: `seq` 0 with 64 zeros stands before the first. */
const LogPosition = { seq: z.int().nonnegative(), hash: Sha256Hex }

/** What one person signs. Single use. */
export const CheckpointRestart = z.strictObject({
  format: z.literal(CHECKPOINT_RESTART_FORMAT),
  restartId: OpaqueId,
  person: OpaqueId,
  reason: z.enum(RESTART_REASONS),
  /** The last event that the custodian signed: no restart is used after another checkpoint. */
  before: z.strictObject(LogPosition),
  /** The event that checkpoints go on from; nothing is said of those before it. */
  start: z.strictObject({ seq: z.int().positive(), hash: Sha256Hex }),
  issuedAt: Timestamp,
  /** At most {@link MAX_RESTART_HOURS} after `issuedAt`. */
  expiresAt: Timestamp,
})
export type CheckpointRestart = z.infer<typeof CheckpointRestart>

/** A restart with its person's proof. */
export const ProvenRestart = z.strictObject({
  restart: CheckpointRestart,
  proof: GrantProof,
  /** The log's line of the event that checkpoints go on from, without its newline. */
  line: z.string().max(16_384),
})
export type ProvenRestart = z.infer<typeof ProvenRestart>

/** `POST /v1/checkpoints/restart` body: host command alone, proven by the custodian's passphrase too. */
export const RestartBody = z.strictObject({ passphrase: z.string().min(1).max(1024), ...ProvenRestart.shape })
