/**
 * Incidents: what is kept of each block, as the exchange sees it.
 * @module
 */
import type { AccountRecord, Caller, EndUser } from "../accounts/caller.ts"
import type { Outcome } from "../engine/outcome.ts"
import type { CheckItem, Direction } from "../inspect/inspectable.ts"
import type { EndpointName } from "../inspect/surface.ts"

/** A block, with everything that evidence of it needs. Held in memory only; nothing of it is written unsealed. */
export interface BlockEvent {
  /** Ours, `exchange-` and a UUID; also the idempotency key of what follows. */
  readonly exchange: string
  readonly at: Date
  readonly endpoint: EndpointName
  /** In which direction it was found. */
  readonly direction: Direction
  readonly model: string
  readonly caller: Caller
  readonly user?: EndUser
  readonly accountRecord?: AccountRecord
  readonly outcome: Outcome
  /** What the gravest signals speak of, with their bytes. */
  readonly items: readonly CheckItem[]
  /** The request as it was inspected: JSON, or the rebuilt multipart body. */
  readonly request: { readonly contentType: string; readonly bytes: Uint8Array }
  /** What was withheld of the answer, where the block was of an answer. */
  readonly answer?: { readonly contentType: string; readonly bytes: Uint8Array }
}

/** How the keeping of incidents stands. */
export interface IncidentState {
  /** False when what must be recorded could not be: the guard then refuses what it must record. */
  readonly accepting: boolean
  /** Code of what is wrong, for `/readyz`. */
  readonly fault?: string
  readonly spooled: number
}

/** Keeps what must be kept of a block. */
export interface Incidents {
  /**
   * Makes a block durable: sealed where custody says so, recorded anyway. When it returns, it is on disk.
   *
   * Never throws for what went wrong with the keeping: the block stands, and an alarm is raised.
   *
   * @returns `kept`, or `alarm` where it could not be recorded.
   */
  block(event: BlockEvent): Promise<"kept" | "alarm">
  state(): IncidentState
  /**
   * Whether there is disk space for what an account, or a key that names none, might still do today: one that blocked very
   * often is refused before anything is looked at, and the others are served. Absent: always.
   */
  accepts?(caller: Caller, user: EndUser | undefined): boolean
  close(): Promise<void>
}
