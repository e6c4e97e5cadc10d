import type { CheckpointRestart, GrantProof } from "@nightlight/contract/custodian"
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from "kysely"

/** Per-case keys of the context compartment. */
export interface ContextKeyTables {
  readonly case_keys: {
    readonly case_id: string
    /** The case's key under the installation's; `null` once destroyed. */
    readonly wrapped: Buffer | null
    readonly destroyed_at: Date | null
  }
}

/** The log. The application's role may insert and select, nothing else. */
export interface EventTables {
  readonly events: {
    readonly seq: string
    readonly at: string
    readonly type: string
    readonly actor: string
    /** The event's whole line, without its newline, which the hash covers. */
    readonly line: string
    readonly hash: string
    /** The MAC of its number and hash: see `event-seal.ts`. */
    readonly mac: string
    /** `data.subject` of the line. */
    readonly subject: GeneratedAlways<string | null>
  }
  /** Checkpoints that the custodian signed. */
  readonly event_checkpoints: {
    readonly restarts: Generated<number>
    readonly seq: string
    readonly line: string
  }
  /** Restarts of checkpoints that people signed, used or not. */
  readonly checkpoint_restarts: {
    readonly restart_id: string
    readonly document: JSONColumnType<CheckpointRestart>
    readonly proof: JSONColumnType<GrantProof>
    readonly made_at: Date
  }
  /** How far checkpoints were copied to each external place. */
  readonly checkpoint_copies: {
    readonly place: string
    readonly restarts: Generated<number>
    readonly seq: Generated<string>
    readonly copied_at: ColumnType<Date | null, Date | null | undefined>
    readonly failing_since: ColumnType<Date | null, Date | null | undefined>
    readonly failures: Generated<number>
    /** A code. */
    readonly fault: ColumnType<string | null, string | null | undefined>
    readonly next_try_at: ColumnType<Date | null, Date | null | undefined>
  }
  /** Receipts of other witnesses. */
  readonly checkpoint_receipts: {
    readonly place: string
    readonly restarts: number
    readonly seq: string
    readonly receipt: string
  }
}
