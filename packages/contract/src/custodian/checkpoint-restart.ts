/**
 * Restarts of checkpoints: if log and checkpoints contradict each other for good, a person and the operator of the
 * custodian's host let checkpoints continue from another event.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { GrantProof, OpaqueId } from "./grant.ts"

/** Name and version of a restart's form. */
export const CHECKPOINT_RESTART_FORMAT = "nightlight-checkpoint-restart/1"

/** Longest validity of a restart, hours: both the person's signature and the host's command must fall within. */
export const MAX_RESTART_HOURS = 24

/**
 * Why checkpoints continue from another event: the database was restored from a backup, somebody rewrote the log, a
 * clock ran ahead or back, or the custodian's own folder was restored.
 */
export const RESTART_REASONS = ["database-restored", "log-rewritten", "clock-wrong", "custodian-restored"] as const
/** One of {@link RESTART_REASONS}. */
export type RestartReason = (typeof RESTART_REASONS)[number]

/** An event of the server's log: `seq` 0 with 64 zeros is the position before the first. */
const LogPosition = { seq: z.int().nonnegative(), hash: Sha256Hex }

/** The document that one person signs. Single use. */
export const CheckpointRestart = z.strictObject({
  format: z.literal(CHECKPOINT_RESTART_FORMAT),
  restartId: OpaqueId,
  person: OpaqueId,
  reason: z.enum(RESTART_REASONS),
  /** The last event that the custodian signed: after another checkpoint the restart is void. */
  before: z.strictObject(LogPosition),
  /** The event from which checkpoints continue; nothing is attested about those before it. */
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
  /** The log's line of the event from which checkpoints continue, without its newline. */
  line: z.string().max(16_384),
})
export type ProvenRestart = z.infer<typeof ProvenRestart>

/** `POST /v1/checkpoints/restart` body, for the host command alone, proven by the custodian's passphrase too. */
export const RestartBody = z.strictObject({ passphrase: z.string().min(1).max(1024), ...ProvenRestart.shape })
