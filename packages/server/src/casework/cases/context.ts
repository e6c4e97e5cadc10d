/**
 * The context compartment of cases: the sealed context of each place of each item.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { HOUR_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readLastButSome } from "../../platform/events/read.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import { ITEM_CONTEXT } from "./items/attach.ts"
import { type LocationRow, readGroupLocations, readLocations } from "./items/location-store.ts"
import { type NearItems, nearItems } from "./items/near.ts"
import type { CasesDeps } from "./ports.ts"
import type { ItemId, LocationContext, OpenedLocation } from "./types.ts"

/** Decrypts the sealed context of cases. A person's reading is recorded. */
export interface Contexts {
  /** Opens places of an item for a person, after recording in the log that they read it. */
  read(
    person: PersonActor,
    caseId: string,
    itemId: string,
    page?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly OpenedLocation[]>
  /** Opens every place of every item, for a report; no person reads it. In order of attachment. */
  openAll(db: Kysely<Tables>, caseId: string): Promise<readonly OpenedLocation[]>
  /** Opens every place of one item, to match it again; no person reads it. In order of attachment. */
  openOf(db: Kysely<Tables>, caseId: string, itemId: string): Promise<readonly OpenedLocation[]>
  /** Which items of a case, and of its group's other undecided cases, look alike; at most 1000 items are compared. */
  near(caseId: string): Promise<NearItems>
}

const PAGE = 100

/** Reads of one person within an hour that raise an alarm. */
const BULK_READS = 200

/**
 * Keeps no opened context. A page has 100 places by default; more than 200 readings by one person within an hour raise
 * an alarm.
 */
export function createContexts(deps: CasesDeps): Contexts {
  const { db, contextKeys } = deps
  const open = async (from: Kysely<Tables>, caseId: string, rows: readonly LocationRow[]) => {
    const sealed = rows.map((row) => row.sealed)
    const values = await contextKeys.openMany(from, caseId, ITEM_CONTEXT, sealed)
    return rows.map((row, index) => toLocation(row, values[index] ?? null))
  }
  return {
    read: async (person, caseId, itemId, { after = -1, limit = PAGE } = {}) => {
      await transact(deps, person.id, async (tx) => {
        await watchBulk(deps, tx, person)
        tx.record({ type: "context.read", subject: caseId, data: { item: itemId } })
      })
      return open(db, caseId, await readLocations(db, caseId, { itemId, after, limit }))
    },
    openAll: async (from, caseId) => open(from, caseId, await readLocations(from, caseId, {})),
    openOf: async (from, caseId, itemId) => open(from, caseId, await readLocations(from, caseId, { itemId })),
    near: async (caseId) => {
      const opened: { caseId: string; itemId: ItemId; context: LocationContext }[] = []
      for (const [owner, rows] of await readGroupLocations(db, caseId)) {
        const locations = await open(db, owner, rows)
        for (const { itemId, context } of locations) opened.push({ caseId: owner, itemId, context })
      }
      return nearItems(caseId, opened)
    },
  }
}

/** Raises an alarm when a person reads far more than they work on. */
async function watchBulk({ alarms, clock }: CasesDeps, tx: EventTransaction, { id }: PersonActor): Promise<void> {
  const before = await readLastButSome(tx.trx, { actor: id, type: "context.read", times: BULK_READS - 1 })
  const hourAgo = new Date(clock.now().getTime() - HOUR_MS).toISOString()
  if (before === undefined || before < hourAgo) return
  await alarms.raise(tx, { code: "bulk-reading", subject: id, data: { reads: BULK_READS } })
}

function toLocation(row: LocationRow, context: JsonValue): OpenedLocation {
  return {
    itemId: row.item_id as ItemId,
    findingId: row.finding_id,
    source: row.source,
    scan: row.scan ?? undefined,
    foundAt: row.found_at,
    // `attachItem` sealed it; the compartment authenticates it.
    context: context as unknown as LocationContext,
  }
}
