/**
 * Intake: what enrolled sources push is checked, opened by the custodian, matched again on our own lists, and only then
 * stands in a case.
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

/** Name of the job that takes a finding in once its evidence is here. */
export const VERIFY_FINDING = "verify-finding"

/** Where a checked finding goes: the cases feature. Called inside the caller's transaction. */
export interface CasesPort {
  attach(tx: EventTransaction, caseItem: IncomingItem): Promise<AttachedItem>
}

/** Raises alarms: in a change, or in one of their own. */
export type AlarmPort = Pick<Alarms, "raise" | "raiseNow">

/** An item of our own screening, sealed already. */
export interface OwnItem {
  /** 64 hexadecimal digits: the same item of the same source and account has the same. */
  readonly findingId: string
  readonly source: string
  /** Keyed digest of source and account, where the operator's own channel named one. */
  readonly accountKey?: string
  readonly decision: Decision
  readonly evidence: { readonly id: string; readonly ciphertextSha256: string; readonly content: boolean }
  readonly document: KeptDocument
}

/** Takes what sources push. */
export interface Intake {
  /**
   * Takes findings, one signed document a line. What was taken stays taken when the stream ends in an error; sending it
   * again is safe.
   *
   * @param body - NDJSON, read in step: at most one line and 200 findings are held.
   * @param assertAllowed - Asked before each 200: throws once the caller may not push any more.
   * @throws {RequestError} `forbidden` if the key speaks for no live source; `body_too_large` beyond 10,000 lines.
   * @throws {DependencyError} `source_unreadable` if the body is cut off; the database's.
   */
  push(actor: Actor, body: AsyncIterable<Uint8Array>, assertAllowed?: () => Promise<void>): Promise<PushAnswer>
  /** What is here of one scan of the calling source, by finding id, 1,000 at a time. */
  received(actor: Actor, query: z.infer<typeof ReceivedQuery>): Promise<ReceivedFindings>
  /** Whether a finding of the calling source names this evidence. */
  mayReceive(actor: Actor, evidenceId: string): Promise<boolean>
  /**
   * Takes a sealed file as it is, digested on its way.
   *
   * @param assertAllowed - Asked before it is recorded that the file is here: throws once the caller may not send it.
   * @throws {RequestError} `not_found`, `body_too_large`, `input_invalid` if it is no age file, `state_conflict` if
   *   another file is there under its id.
   * @throws {IntegrityError} `evidence_digest_mismatch` unless it has the digest that its finding gives.
   * @throws {DependencyError} `source_unreadable`, `disk_full`, `write_failed`, `locked`.
   */
  receiveEvidence(
    actor: Actor,
    evidenceId: string,
    body: AsyncIterable<Uint8Array>,
    assertAllowed?: () => Promise<void>,
  ): Promise<z.infer<typeof EvidenceAnswer>>
  /**
   * Whether an item of our own is here already with all that would be kept of it: then nothing is sealed again, also after
   * a review cleared it and its evidence was destroyed.
   */
  knowsOwn(source: string, findingId: string, withContent: boolean): Promise<boolean>
  /** Takes an item of our own; its evidence is here. Repeating it changes nothing. */
  ingestOwn(actor: string, caseItem: OwnItem): Promise<void>
  /** Lets findings that were passed over as known false positives be looked at again. */
  reopenSuppressed(tx: EventTransaction): Promise<void>
  /** How many findings of one scan of a source stand where, and the cases that hold them. */
  ofScan(
    source: string,
    scan: string,
  ): Promise<{
    readonly byState: Readonly<Record<(typeof RECEIVED_STATES)[number], number>>
    readonly cases: readonly string[]
  }>
  /** How many findings stand where. */
  counts(): Promise<z.infer<typeof IntakeCounts>>
  /** Findings in one state, 200 at a time: ids and codes. */
  list(query: z.infer<typeof IntakeQuery>): Promise<z.infer<typeof IntakeList>>
}
