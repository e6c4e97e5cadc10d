/**
 * SQL of break-glass access.
 * @module
 */
import type { Kysely } from "kysely"
import { authorityOf } from "../../../platform/authority/of-database.ts"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { readPowerEvents } from "../../../platform/events/power.ts"

/** A request for break-glass access. */
export interface BreakGlassRequest {
  /** `glass-<uuid>`. */
  readonly id: string
  readonly for:
    | { readonly kind: "reset"; readonly personId: string }
    | { readonly kind: "administrator"; readonly name: string; readonly email: string }
  readonly requestedAt: Date
  /** Earliest time at which it can be opened. */
  readonly opensAt: Date
  readonly state: "waiting" | "cancelled" | "done"
  readonly decidedBy: string | undefined
}

/**
 * Inserts a row of `break_glass` with its MAC: a reset stores the person's id, a new administrator name and address.
 */
export async function insertRequest(db: Kysely<Tables>, request: BreakGlassRequest): Promise<void> {
  const { id, requestedAt, opensAt, state } = request
  const purpose = request.for
  await insertSealed(db, "break_glass", {
    id,
    kind: purpose.kind,
    person_id: purpose.kind === "reset" ? purpose.personId : null,
    name: purpose.kind === "administrator" ? purpose.name : null,
    email: purpose.kind === "administrator" ? purpose.email : null,
    requested_at: requestedAt,
    opens_at: opensAt,
    state,
    decided_at: null,
    decided_by: null,
  })
}

/**
 * Finds a request and locks it.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or says that it waits while the log says that it was
 *   decided.
 */
export async function lockRequest(db: Kysely<Tables>, id: string): Promise<BreakGlassRequest | undefined> {
  const row = await readOneSealed(db, "break_glass", (all) => all.where("id", "=", id).forUpdate())
  if (row === undefined) return undefined
  if (row.state === "waiting" && (await readPowerEvents(db, id)).length > 0) {
    throw authorityOf(db).distrust({ table: "break_glass", id })
  }
  return toRequest(row)
}

/** Ends a request and renews its row's MAC. @throws {IntegrityError} `row_untrusted`. */
export async function decideRequest(
  db: Kysely<Tables>,
  id: string,
  decided: { readonly state: "cancelled" | "done"; readonly by: string; readonly at: Date },
): Promise<void> {
  const { state, by, at } = decided
  await updateSealed(db, "break_glass", (all) => all.where("id", "=", id), { state, decided_by: by, decided_at: at })
}

/** Reads all requests, newest first. */
export async function listRequests(db: Kysely<Tables>): Promise<readonly BreakGlassRequest[]> {
  const rows = await readSealedGood(db, "break_glass", (all) => all.orderBy("requested_at", "desc").orderBy("id"))
  return rows.map(toRequest)
}

function toRequest(row: SealedRow<"break_glass">): BreakGlassRequest {
  return {
    id: row.id,
    for:
      row.kind === "reset"
        ? { kind: "reset", personId: row.person_id ?? "" }
        : { kind: "administrator", name: row.name ?? "", email: row.email ?? "" },
    requestedAt: row.requested_at,
    opensAt: row.opens_at,
    state: row.state as BreakGlassRequest["state"],
    decidedBy: row.decided_by ?? undefined,
  }
}
