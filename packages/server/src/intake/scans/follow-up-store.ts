import type { FollowUpKind, SharedHunt, SharedPurge } from "@nightlight/contract/server"
import type { Kysely, Selectable, Transaction } from "kysely"
import type { ScanTables } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"

/** A row of hunts and purges. */
export type FollowUpRow = Selectable<ScanTables["follow_ups"]>

/** A hunt or a purge to store. */
export interface NewFollowUp {
  readonly id: string
  readonly source: string
  readonly kind: FollowUpKind
  readonly name: string
  readonly at: Date
  readonly receivedAt: Date
  readonly report: SharedHunt | SharedPurge
}

/** Inserts a hunt or a purge. Returns whether it was new. */
export async function insertFollowUp(trx: Transaction<Tables>, added: NewFollowUp): Promise<boolean> {
  const { id, source, kind, name, at, receivedAt, report } = added
  const result = await trx
    .insertInto("follow_ups")
    .values({
      follow_up_id: id,
      source_id: source,
      kind,
      name,
      at,
      received_at: receivedAt,
      report: JSON.stringify(report),
    })
    .onConflict((conflict) => conflict.columns(["source_id", "kind", "name"]).doNothing())
    .executeTakeFirst()
  if ((result.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
  await insertDatasets(trx, added)
  return true
}

/** Replaces the report under `id` by a later one. */
export async function replaceFollowUp(trx: Transaction<Tables>, changed: NewFollowUp): Promise<void> {
  const { id, at, receivedAt, report } = changed
  await trx
    .updateTable("follow_ups")
    .set({ at, received_at: receivedAt, report: JSON.stringify(report) })
    .where("follow_up_id", "=", id)
    .execute()
  await trx.deleteFrom("follow_up_datasets").where("follow_up_id", "=", id).execute()
  await insertDatasets(trx, changed)
}

async function insertDatasets(trx: Transaction<Tables>, { id, source, at, report }: NewFollowUp): Promise<void> {
  if (report.datasets.length === 0) return
  await trx
    .insertInto("follow_up_datasets")
    .values(
      report.datasets.map((state) => ({
        follow_up_id: id,
        source_id: source,
        dataset: state.dataset,
        at,
        complete: state.fullyScreened,
        state: JSON.stringify(state),
      })),
    )
    .execute()
}

/** A hunt or a purge of a source by the source's own name, locked until the transaction ends. */
export function lockFollowUp(
  trx: Transaction<Tables>,
  { source, kind, name }: Pick<NewFollowUp, "source" | "kind" | "name">,
): Promise<FollowUpRow | undefined> {
  return trx
    .selectFrom("follow_ups")
    .selectAll()
    .where("source_id", "=", source)
    .where("kind", "=", kind)
    .where("name", "=", name)
    .forUpdate()
    .executeTakeFirst()
}

/** Hunts and purges of one dataset of a source, last first. */
export function listFollowUps(
  db: Kysely<Tables>,
  { source, dataset, limit }: { readonly source: string; readonly dataset: string; readonly limit: number },
) {
  return db
    .selectFrom("follow_up_datasets as d")
    .innerJoin("follow_ups as f", "f.follow_up_id", "d.follow_up_id")
    .select(["f.kind", "f.name", "f.at", "f.received_at", "f.report", "d.state"])
    .where("d.source_id", "=", source)
    .where("d.dataset", "=", dataset)
    .orderBy("d.at", "desc")
    .orderBy("f.kind", "desc")
    .orderBy("f.name", "desc")
    .limit(limit)
    .execute()
}
