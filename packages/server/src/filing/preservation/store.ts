/**
 * SQL of preservation, holds and certificates.
 * @module
 */
import { DestructionBody, DestructionReceipt } from "@nightlight/contract/custodian"
import { canonicalJson, compact } from "@nightlight/core"
import type { Kysely, Transaction } from "kysely"
import {
  insertSealed,
  insertSealedOnce,
  readOneSealed,
  readSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { DestructionBasis, PreservationState } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Hold, Preservation } from "./types.ts"

type Row = SealedRow<"preservations">

/** Inserts a row for each piece of evidence of a case that has none. */
export async function adoptEvidence(
  trx: Transaction<Tables>,
  caseId: string,
  evidenceIds: readonly string[],
  now: Date,
): Promise<void> {
  if (evidenceIds.length === 0) return
  const rows = evidenceIds.map((evidence_id) => ({ ...EMPTY, evidence_id, case_id: caseId, changed_at: now }))
  await insertSealedOnce(trx, "preservations", ...rows)
}

const EMPTY = {
  state: "kept" as const,
  locked_until: null,
  report_id: null,
  destroy_after: null,
  destroy_by: null,
  certificate_id: null,
  destroyed_at: null,
}

/**
 * Locks evidence until a time, unless a later lock exists, in the rows of all cases. Destroyed pieces stay destroyed.
 * Returns what is locked now.
 */
export async function lockEvidence(
  trx: Transaction<Tables>,
  evidenceIds: readonly string[],
  { until, reportId, now }: { readonly until: Date; readonly reportId?: string; readonly now: Date },
): Promise<readonly Preservation[]> {
  if (evidenceIds.length === 0) return []
  const locked = await updateSealed(
    trx,
    "preservations",
    (all) =>
      all
        .where("evidence_id", "in", evidenceIds)
        .where("state", "in", ["kept", "locked", "clearing"])
        .orderBy("evidence_id"),
    ({ locked_until: before }) =>
      compact({
        state: "locked" as const,
        locked_until: before !== null && before > until ? before : until,
        report_id: reportId,
        destroy_after: null,
        destroy_by: null,
        changed_at: now,
      }),
  )
  return locked.map(toPreservation)
}

/**
 * Moves evidence from `kept` to `clearing`, to be destroyed between `after` and `by`. Evidence in any other state, such
 * as `locked`, is left alone. Returns how many pieces were moved.
 */
export async function clearEvidence(
  trx: Transaction<Tables>,
  evidenceIds: readonly string[],
  { after, by, now }: { readonly after: Date; readonly by: Date; readonly now: Date },
): Promise<number> {
  if (evidenceIds.length === 0) return 0
  const cleared = await updateSealed(
    trx,
    "preservations",
    (all) => all.where("evidence_id", "in", evidenceIds).where("state", "=", "kept").orderBy("evidence_id"),
    { state: "clearing", destroy_after: after, destroy_by: by, changed_at: now },
  )
  return cleared.length
}

/** Evidence that a job may destroy now: cleared, due, and not on hold; also what a killed job left half done. */
export async function dueToDestroy(db: Kysely<Tables>, now: Date, limit: number): Promise<readonly Preservation[]> {
  const rows = await readSealedGood(db, "preservations", (all) =>
    all
      .where((eb) =>
        eb.or([
          eb("state", "=", "destroying"),
          eb.and([
            eb("state", "=", "clearing"),
            eb("destroy_after", "<=", now),
            // Only saves the job work: whoever orders a destruction reads the holds again, with their MAC.
            eb.not(
              eb.exists(
                eb
                  .selectFrom("holds")
                  .select("hold_id")
                  .whereRef("holds.case_id", "=", "preservations.case_id")
                  .where("lifted_at", "is", null)
                  .where((hold) => hold.or([hold("until", "is", null), hold("until", ">", now)])),
              ),
            ),
          ]),
        ]),
      )
      .orderBy("destroy_after")
      .limit(limit),
  )
  return rows.map(toPreservation)
}

/** One piece of evidence; `undefined` if no preservation is recorded for it yet. */
export async function findPreservation(db: Kysely<Tables>, evidenceId: string): Promise<Preservation | undefined> {
  const row = await readOneSealed(db, "preservations", (all) => all.where("evidence_id", "=", evidenceId))
  return row && toPreservation(row)
}

/** Evidence of a case, in order of its ids. */
export async function preservationsOfCase(db: Kysely<Tables>, caseId: string): Promise<readonly Preservation[]> {
  const rows = await readSealed(db, "preservations", (all) => all.where("case_id", "=", caseId).orderBy("evidence_id"))
  return rows.map(toPreservation)
}

/**
 * Lets one transaction at a time decide whether evidence is needed, until it ends. Otherwise the clearing of one case
 * and the verification of an item with the same sealed file would not see each other.
 */
export async function lockDestructionDecisions(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "evidence-fates")
}

/** Reads one piece of evidence and locks it until the transaction ends. */
export async function lockPiece(trx: Transaction<Tables>, evidenceId: string): Promise<Preservation | undefined> {
  const row = await readOneSealed(trx, "preservations", (all) => all.where("evidence_id", "=", evidenceId).forUpdate())
  return row && toPreservation(row)
}

/** Locks a case's rows until the transaction ends. */
export async function lockRows(trx: Transaction<Tables>, caseId: string): Promise<void> {
  await readSealed(trx, "preservations", (all) => all.where("case_id", "=", caseId).orderBy("evidence_id").forUpdate())
}

/** Moves evidence from one of some states to another. Returns whether it was in one of them. */
export async function moveTo(
  trx: Transaction<Tables>,
  evidenceId: string,
  from: readonly PreservationState[],
  patch: Partial<Row>,
): Promise<boolean> {
  const moved = await updateSealed(
    trx,
    "preservations",
    (all) => all.where("evidence_id", "=", evidenceId).where("state", "in", from),
    patch,
  )
  return moved.length === 1
}

/** Filter and page of a list of evidence. */
export interface PreservationQuery {
  readonly state: PreservationState | undefined
  /** Only those after this id. */
  readonly after: string | undefined
  readonly limit: number
}

/** Lists evidence by id. */
export async function listPreservations(
  db: Kysely<Tables>,
  { state, after, limit }: PreservationQuery,
): Promise<readonly Preservation[]> {
  const rows = await readSealedGood(db, "preservations", (all) => {
    let select = all.orderBy("evidence_id").limit(limit)
    if (state !== undefined) select = select.where("state", "=", state)
    if (after !== undefined) select = select.where("evidence_id", ">", after)
    return select
  })
  return rows.map(toPreservation)
}

/** Holds of a case, including lifted ones, newest first. */
export async function holdsOf(db: Kysely<Tables>, caseId: string): Promise<readonly Hold[]> {
  const rows = await readSealed(db, "holds", (all) => all.where("case_id", "=", caseId).orderBy("placed_at", "desc"))
  return rows.map(toHold)
}

/** Returns those of some cases that are on hold at a time. Lifted, expired and untrusted holds do not count. */
export async function casesOnHold(
  db: Kysely<Tables>,
  caseIds: readonly string[],
  at: Date,
): Promise<ReadonlySet<string>> {
  if (caseIds.length === 0) return new Set()
  const rows = await readSealedGood(db, "holds", (all) =>
    all
      .where("case_id", "in", caseIds)
      .where("lifted_at", "is", null)
      .where((eb) => eb.or([eb("until", "is", null), eb("until", ">", at)])),
  )
  return new Set(rows.map(({ case_id }) => case_id))
}

/** Reads a hold with its sealed reference. */
export async function readHold(
  db: Kysely<Tables>,
  holdId: string,
): Promise<{ readonly hold: Hold; readonly reference: Buffer } | undefined> {
  const row = await readOneSealed(db, "holds", (all) => all.where("hold_id", "=", holdId))
  return row === undefined ? undefined : { hold: toHold(row), reference: row.reference }
}

/** Inserts a row of `holds` with its MAC. The caller records the event `hold.placed`. */
export async function insertHold(trx: Transaction<Tables>, hold: Omit<SealedRow<"holds">, "mac">): Promise<void> {
  await insertSealed(trx, "holds", hold)
}

/** Lifts a hold. Returns whether it was live. */
export async function liftHold(
  trx: Transaction<Tables>,
  holdId: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const lifted = await updateSealed(
    trx,
    "holds",
    (all) => all.where("hold_id", "=", holdId).where("lifted_at", "is", null),
    { lifted_by: by, lifted_at: at },
  )
  return lifted.length === 1
}

/** Inserts a certificate with its MAC, before its receipt exists. */
export async function insertCertificate(
  trx: Transaction<Tables>,
  certificate: {
    readonly certificateId: string
    readonly caseId: string
    readonly basis: DestructionBasis
    readonly approvalId: string | undefined
    readonly document: string
    readonly issuedAt: Date
    readonly order: DestructionBody
  },
): Promise<void> {
  const { certificateId, caseId, basis, approvalId, document, issuedAt, order } = certificate
  await trx
    .insertInto("destruction_certificates")
    .values({
      certificate_id: certificateId,
      case_id: caseId,
      basis,
      approval_id: approvalId ?? null,
      document,
      issued_at: issuedAt,
      order_json: canonicalJson(order),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Reads the custodian's order under a certificate. */
export async function readOrder(db: Kysely<Tables>, certificateId: string): Promise<DestructionBody | undefined> {
  const row = await db
    .selectFrom("destruction_certificates")
    .select("order_json")
    .where("certificate_id", "=", certificateId)
    .executeTakeFirst()
  return row?.order_json == null ? undefined : DestructionBody.parse(row.order_json)
}

/** Reads the custodian's receipt for a certificate. */
export async function readReceipt(db: Kysely<Tables>, certificateId: string): Promise<DestructionReceipt | undefined> {
  const row = await db
    .selectFrom("destruction_receipts")
    .select("document")
    .where("certificate_id", "=", certificateId)
    .executeTakeFirst()
  return row && DestructionReceipt.parse(row.document)
}

/**
 * Stores the custodian's receipt as canonical JSON in `destruction_receipts`. Returns `false` if the certificate has
 * one, which stays.
 */
export async function insertReceipt(
  trx: Transaction<Tables>,
  kept: { readonly certificateId: string; readonly receipt: DestructionReceipt; readonly receivedAt: Date },
): Promise<boolean> {
  const { certificateId, receipt, receivedAt } = kept
  const inserted = await trx
    .insertInto("destruction_receipts")
    .values({ certificate_id: certificateId, document: canonicalJson(receipt), received_at: receivedAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

/**
 * Undoes the order of a certificate: pieces that were locked are locked again, others are kept. Returns how many
 * pieces.
 */
export async function restore(trx: Transaction<Tables>, certificateId: string, now: Date): Promise<number> {
  const restored = await updateSealed(
    trx,
    "preservations",
    (all) => all.where("certificate_id", "=", certificateId).where("state", "=", "destroying"),
    ({ locked_until }) => ({
      state: locked_until === null ? ("kept" as const) : ("locked" as const),
      destroy_after: null,
      destroy_by: null,
      certificate_id: null,
      changed_at: now,
    }),
  )
  return restored.length
}

/** Reads a certificate's document. */
export async function readCertificate(db: Kysely<Tables>, certificateId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("destruction_certificates")
    .select("document")
    .where("certificate_id", "=", certificateId)
    .executeTakeFirst()
  return row?.document
}

function toPreservation(row: Row): Preservation {
  return {
    evidenceId: row.evidence_id,
    caseId: row.case_id,
    state: row.state,
    lockedUntil: row.locked_until ?? undefined,
    reportId: row.report_id ?? undefined,
    destroyAfter: row.destroy_after ?? undefined,
    destroyBy: row.destroy_by ?? undefined,
    certificateId: row.certificate_id ?? undefined,
    destroyedAt: row.destroyed_at ?? undefined,
  }
}

function toHold(row: SealedRow<"holds">): Hold {
  return {
    holdId: row.hold_id,
    caseId: row.case_id,
    reason: row.reason,
    requestId: row.request_id ?? undefined,
    placedBy: row.placed_by,
    placedAt: row.placed_at,
    until: row.until ?? undefined,
    liftedBy: row.lifted_by ?? undefined,
    liftedAt: row.lifted_at ?? undefined,
  }
}
