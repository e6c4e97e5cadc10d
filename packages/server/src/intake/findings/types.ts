/**
 * Intake: findings that enrolled sources push are checked, opened by the custodian, matched again on our own lists, and
 * only then attached to a case.
 * @module
 */
import type {
  EvidenceAnswer,
  IntakeCounts,
  IntakeList,
  IntakeQuery,
  PushAnswer,
  RECEIVED_STATES,
  ReceivedFindings,
  ReceivedQuery,
} from "@nightlight/contract/server"
import type { Decision } from "@nightlight/core"
import type { z } from "zod"
import type { AttachedItem, IncomingItem } from "../../casework/cases/types.ts"
import type { Actor } from "../../platform/auth/actor.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { KeptDocument } from "./kept-document.ts"

/** Name of the job that verifies a finding once its evidence is here. */
export const VERIFY_FINDING = "verify-finding"

/** Receives verified findings: the cases feature. Called inside the caller's transaction. */
export interface CasesPort {
  attach(tx: EventTransaction, caseItem: IncomingItem): Promise<AttachedItem>
}

/** Raises alarms: in a transaction, or in one of their own. */
export type AlarmPort = Pick<Alarms, "raise" | "raiseNow">

/** An item of our own screening, already sealed. */
export interface OwnItem {
  /** 64 hexadecimal digits; equal for the same item of the same source and account. */
  readonly findingId: string
  readonly source: string
  /** Keyed digest of source and account, if the operator's own channel named one. */
  readonly accountKey?: string
  readonly decision: Decision
  readonly evidence: { readonly id: string; readonly ciphertextSha256: string; readonly content: boolean }
  readonly document: KeptDocument
}

/** Stores findings and sealed evidence of enrolled sources. Verifying a finding, and opening its case, come later. */
export interface Intake {
  /**
   * Stores findings, one signed document a line. Stored findings stay when the stream ends in an error; sending them
   * again is safe.
   *
   * @param body - NDJSON, read in step: at most one line and 200 findings are in memory.
   * @param assertAllowed - Called before each 200; throws once the caller may no longer push.
   * @throws {RequestError} `forbidden` if the key has no live source; `body_too_large` beyond 10,000 lines.
   * @throws {DependencyError} `source_unreadable` if the body is cut off; those of the database.
   */
  push(actor: Actor, body: AsyncIterable<Uint8Array>, assertAllowed?: () => Promise<void>): Promise<PushAnswer>
  /** Received findings of one scan of the calling source, by finding id, 1,000 at a time. */
  received(actor: Actor, query: z.infer<typeof ReceivedQuery>): Promise<ReceivedFindings>
  /** Whether a finding of the calling source names this evidence. */
  mayReceive(actor: Actor, evidenceId: string): Promise<boolean>
  /**
   * Stores a sealed file unchanged, digesting it as it arrives.
   *
   * @param assertAllowed - Called before the file is recorded as present; throws once the caller may not send it.
   * @throws {RequestError} `not_found`, `body_too_large`, `input_invalid` if it is no age file, `state_conflict` if
   *   another file is there under its id.
   * @throws {IntegrityError} `evidence_digest_mismatch` unless it has the digest that its finding states.
   * @throws {DependencyError} `source_unreadable`, `disk_full`, `write_failed`, `locked`.
   */
  receiveEvidence(
    actor: Actor,
    evidenceId: string,
    body: AsyncIterable<Uint8Array>,
    assertAllowed?: () => Promise<void>,
  ): Promise<z.infer<typeof EvidenceAnswer>>
  /**
   * Whether an item of our own is stored with everything that would be kept of it, so that nothing is sealed again;
   * also after a review cleared it and its evidence was destroyed.
   */
  knowsOwn(source: string, findingId: string, withContent: boolean): Promise<boolean>
  /** Stores an item of our own, whose evidence is here. Repeating it changes nothing. */
  ingestOwn(actor: string, caseItem: OwnItem): Promise<void>
  /** Verifies findings again that were denied as known false positives. */
  reopenSuppressed(tx: EventTransaction): Promise<void>
  /** Number of findings of one scan of a source by state, and the cases that contain them. */
  ofScan(
    source: string,
    scan: string,
  ): Promise<{
    readonly byState: Readonly<Record<(typeof RECEIVED_STATES)[number], number>>
    readonly cases: readonly string[]
  }>
  /** Number of findings by source, state and code. */
  counts(): Promise<z.infer<typeof IntakeCounts>>
  /** Findings in one state, 200 at a time: ids and codes. */
  list(query: z.infer<typeof IntakeQuery>): Promise<z.infer<typeof IntakeList>>
}
