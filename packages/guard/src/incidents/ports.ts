/**
 * The port of incidents, as the exchange sees it.
 * @module
 */
import type { AccountRecord, Caller, EndUser } from "../accounts/caller.ts"
import type { Outcome } from "../engine/outcome.ts"
import type { CheckItem, Direction } from "../inspect/inspectable.ts"
import type { EndpointName } from "../inspect/surface.ts"

/** A block, with everything that its evidence needs. Held in memory only; nothing of it is written unsealed. */
export interface BlockEvent {
  /** The guard's id, `exchange-` and a UUID; also the idempotency key of the incidents. */
  readonly exchange: string
  readonly at: Date
  readonly endpoint: EndpointName
  /** Direction of the blocked content. */
  readonly direction: Direction
  readonly model: string
  readonly caller: Caller
  readonly user?: EndUser
  readonly accountRecord?: AccountRecord
  readonly outcome: Outcome
  /** The items that the gravest signals are about, with their bytes. */
  readonly items: readonly CheckItem[]
  /** The request as it was inspected: JSON, or the rebuilt multipart body. */
  readonly request: { readonly contentType: string; readonly bytes: Uint8Array }
  /** The withheld part of the answer, where an answer was blocked. */
  readonly answer?: { readonly contentType: string; readonly bytes: Uint8Array }
}

/** State of the keeping of incidents. */
export interface IncidentState {
  /**
   * False when an incident could not be recorded: the guard then refuses calls whose blocks it would have to record.
   */
  readonly accepting: boolean
  /** Code of the fault, for `/readyz`. */
  readonly fault?: string
  readonly spooled: number
}

/** Keeps the incidents of blocks. */
export interface Incidents {
  /**
   * Makes a block durable: sealed where custody says so, recorded in any case. When it returns, it is on disk.
   *
   * Never throws for a fault of the keeping: the block holds, and an alarm is raised.
   *
   * @returns `kept`, or `alarm` where it could not be recorded.
   */
  block(event: BlockEvent): Promise<"kept" | "alarm">
  state(): IncidentState
  /**
   * Whether disk space is left for what an account, or a key that names none, may still do today: a subject that was
   * blocked very often is refused before any check, and the others are served. Absent: always.
   */
  accepts?(caller: Caller, user: EndUser | undefined): boolean
  close(): Promise<void>
}
