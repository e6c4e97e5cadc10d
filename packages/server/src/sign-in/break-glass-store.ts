/**
 * SQL of the host's way back in.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { Tables } from "../db/tables.ts"
import type { SignInTables } from "./tables.ts"

/** A way back in that the host asked for. */
export interface BreakGlassRequest {
  /** `glass-<uuid>`. */
  readonly id: string
  readonly for:
    | { readonly kind: "reset"; readonly personId: string }
    | { readonly kind: "administrator"; readonly name: string; readonly email: string }
  readonly askedAt: Date
  /** Nothing opens before. */
  readonly opensAt: Date
  readonly state: "waiting" | "cancelled" | "done"
  readonly decidedBy: string | undefined
}

/** Adds a request. */
export async function insertRequest(db: Kysely<Tables>, request: BreakGlassRequest): Promise<void> {
  const { id, askedAt, opensAt, state } = request
  const of = request.for
  await db
    .insertInto("break_glass")
    .values({
      id,
      kind: of.kind,
      person_id: of.kind === "reset" ? of.personId : null,
      name: of.kind === "administrator" ? of.name : null,
      email: of.kind === "administrator" ? of.email : null,
      asked_at: askedAt,
      opens_at: opensAt,
      state,
      decided_at: null,
      decided_by: null,
    })
    .execute()
}

/** Finds a request and locks it. */
export async function lockRequest(db: Kysely<Tables>, id: string): Promise<BreakGlassRequest | undefined> {
  const row = await db.selectFrom("break_glass").selectAll().where("id", "=", id).forUpdate().executeTakeFirst()
  return row === undefined ? undefined : toRequest(row)
}

/** Writes what became of a request. */
export async function decideRequest(
  db: Kysely<Tables>,
  id: string,
  decided: { readonly state: "cancelled" | "done"; readonly by: string; readonly at: Date },
): Promise<void> {
  const { state, by, at } = decided
  await db.updateTable("break_glass").set({ state, decided_by: by, decided_at: at }).where("id", "=", id).execute()
}

/** Reads all requests, newest first. */
export async function listRequests(db: Kysely<Tables>): Promise<readonly BreakGlassRequest[]> {
  const rows = await db.selectFrom("break_glass").selectAll().orderBy("asked_at", "desc").orderBy("id").execute()
  return rows.map(toRequest)
}

function toRequest(row: Selectable<SignInTables["break_glass"]>): BreakGlassRequest {
  return {
    id: row.id,
    for:
      row.kind === "reset"
        ? { kind: "reset", personId: row.person_id ?? "" }
        : { kind: "administrator", name: row.name ?? "", email: row.email ?? "" },
    askedAt: row.asked_at,
    opensAt: row.opens_at,
    state: row.state as BreakGlassRequest["state"],
    decidedBy: row.decided_by ?? undefined,
  }
}
