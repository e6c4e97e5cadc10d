/**
 * The context compartment of cases: what was sealed of each place of each find.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { HOUR_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type Change, change } from "../../platform/events/change.ts"
import { readLastButSome } from "../../platform/events/read.ts"
import { FIND_CONTEXT } from "./attach.ts"
import { type LocationRow, readGroupLocations, readLocations } from "./location-store.ts"
import { type NearFinds, nearFinds } from "./near.ts"
import type { CasesDeps } from "./ports.ts"
import type { FindId, LocationContext, OpenedLocation } from "./types.ts"

/** Opens contexts. */
export interface Contexts {
  /** Opens places of a find for a person; that they read it stands in the log first. */
  read(
    person: PersonActor,
    caseId: string,
    findId: string,
    page?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly OpenedLocation[]>
  /** Opens every place of every find, for a report: nobody reads along. In order of attachment. */
  openAll(db: Kysely<Tables>, caseId: string): Promise<readonly OpenedLocation[]>
  /** Opens every place of one find, to match it again: nobody reads along. In order of attachment. */
  openOf(db: Kysely<Tables>, caseId: string, findId: string): Promise<readonly OpenedLocation[]>
  /** Which finds of a case, and of its group's other undecided cases, look alike; at most 1000 finds are compared. */
  near(caseId: string): Promise<NearFinds>
}

const PAGE = 100

/** Reads of one person within an hour that raise an alarm. */
const BULK_READS = 200

/** Makes the compartment's reader. */
export function createContexts(deps: CasesDeps): Contexts {
  const { db, contextKeys } = deps
  const open = async (from: Kysely<Tables>, caseId: string, rows: readonly LocationRow[]) => {
    const sealed = rows.map((row) => row.sealed)
    const values = await contextKeys.openMany(from, caseId, FIND_CONTEXT, sealed)
    return rows.map((row, at) => toLocation(row, values[at] ?? null))
  }
  return {
    read: async (person, caseId, findId, { after = -1, limit = PAGE } = {}) => {
      await change(deps, person.id, async (changing) => {
        await watchBulk(deps, changing, person)
        changing.record({ type: "context.read", subject: caseId, data: { find: findId } })
      })
      return open(db, caseId, await readLocations(db, caseId, { findId, after, limit }))
    },
    openAll: async (from, caseId) => open(from, caseId, await readLocations(from, caseId, {})),
    openOf: async (from, caseId, findId) => open(from, caseId, await readLocations(from, caseId, { findId })),
    near: async (caseId) => {
      const opened: { caseId: string; findId: FindId; context: LocationContext }[] = []
      for (const [of, rows] of await readGroupLocations(db, caseId)) {
        const locations = await open(db, of, rows)
        for (const { findId, context } of locations) opened.push({ caseId: of, findId, context })
      }
      return nearFinds(caseId, opened)
    },
  }
}

/** Reading much more than one works on is told to others. */
async function watchBulk({ alarms, clock }: CasesDeps, changing: Change, { id }: PersonActor): Promise<void> {
  const before = await readLastButSome(changing.trx, { actor: id, type: "context.read", times: BULK_READS - 1 })
  const hourAgo = new Date(clock.now().getTime() - HOUR_MS).toISOString()
  if (before === undefined || before < hourAgo) return
  await alarms.raise(changing, { code: "bulk-reading", subject: id, data: { reads: BULK_READS } })
}

function toLocation(row: LocationRow, context: JsonValue): OpenedLocation {
  return {
    findId: row.find_id as FindId,
    findingId: row.finding_id,
    source: row.source,
    scan: row.scan ?? undefined,
    foundAt: row.found_at,
    // What `attachFind` sealed; the compartment authenticates it.
    context: context as unknown as LocationContext,
  }
}
