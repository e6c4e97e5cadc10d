/**
 * The lists, for people: the content of the live index in numbers, its age, and the outcomes of its matches. Never an
 * entry.
 * @module
 */

import type { FALSE_POSITIVE_STATES, ListOutcomes, ListsView, ListView } from "@nightlight/contract/server"
import { type Clock, compact, DAY_MS, hasCode } from "@nightlight/core"
import type { ListInfo } from "@nightlight/screening"
import type { Kysely } from "kysely"
import type { ListOutcome } from "../../casework/cases/items/list-outcomes.ts"
import { readOneSealed } from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { LiveIndex } from "./live-index.ts"

/** Dependencies of {@link readLists}. */
export interface ListsDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly index: Pick<LiveIndex, "use" | "state">
  readonly outcomes: () => Promise<readonly ListOutcome[]>
  /** Number of entries of each list that matched more items than one entry may. */
  readonly broadByList: () => Promise<ReadonlyMap<string, number>>
  readonly falsePositives: () => Promise<
    readonly {
      readonly list: string
      readonly state: (typeof FALSE_POSITIVE_STATES)[number]
      readonly count: number
    }[]
  >
}

/** Reads the lists in the order of their names. */
export async function readLists(deps: ListsDeps): Promise<ListsView> {
  const { db, clock, index } = deps
  const live = await index.use(async ({ version, lists }) => ({ version, lists })).catch(notLive)
  const [outcomes, broad, falsePositives] = await Promise.all([
    deps.outcomes(),
    deps.broadByList(),
    deps.falsePositives(),
  ])
  const outcomeOf = new Map(outcomes.map((outcome) => [outcome.list, toOutcomes(outcome)]))
  const { fault, screens } = index.state()
  const liveAt = live === undefined ? undefined : await readLiveAt(db, live.version)
  const present = new Set(live?.lists.map(({ name }) => name))
  const falsePositivesOf = (list: string): ListView["falsePositives"] => {
    const countOf = (state: (typeof FALSE_POSITIVE_STATES)[number]) =>
      falsePositives.find((counted) => counted.list === list && counted.state === state)?.count ?? 0
    return {
      open: countOf("open"),
      accepted: countOf("accepted"),
      withdrawn: countOf("withdrawn"),
      ended: countOf("ended"),
    }
  }
  return compact({
    index: live === undefined ? undefined : compact({ version: live.version, liveAt: liveAt?.toISOString() }),
    fault,
    screens,
    lists: (live?.lists ?? []).map((list) => ({
      ...toListed(list, clock.now()),
      outcomes: outcomeOf.get(list.name) ?? NOTHING_CAME,
      broadEntries: broad.get(list.name) ?? 0,
      falsePositives: falsePositivesOf(list.name),
    })),
    former: [...outcomeOf].filter(([name]) => !present.has(name)).map(([name, came]) => ({ name, outcomes: came })),
  })
}

function notLive(error: unknown): undefined {
  if (!hasCode(error, "unavailable")) throw error
  return undefined
}

function toListed(
  { name, trust, snapshot, radiusBits, counts, asOf, terms }: ListInfo,
  now: Date,
): Omit<ListView, "outcomes" | "broadEntries" | "falsePositives"> {
  const { md5, sha1, sha256, pdq, url } = counts
  const ageDays = asOf === undefined ? undefined : Math.max(0, Math.floor((now.getTime() - Date.parse(asOf)) / DAY_MS))
  return compact({
    name,
    trust,
    snapshot,
    radiusBits,
    entries: md5 + sha1 + sha256 + pdq + url,
    byHashType: { md5, sha1, sha256, pdq, url },
    asOf,
    ageDays,
    terms,
  })
}

const NOTHING_CAME: ListOutcomes = {
  items: 0,
  cases: 0,
  decided: { reportable: 0, policyViolation: 0, notViolation: 0 },
}

function toOutcomes({ items: caseItems, cases, reportable, policyViolation, notViolation }: ListOutcome): ListOutcomes {
  const decided = reportable + policyViolation + notViolation
  return compact({
    items: caseItems,
    cases,
    decided: { reportable, policyViolation, notViolation },
    precision: decided > 0 ? (reportable + policyViolation) / decided : undefined,
  })
}

async function readLiveAt(db: Kysely<Tables>, version: number): Promise<Date | undefined> {
  const row = await readOneSealed(db, "live_indexes", (all) => all.where("version", "=", version))
  return row?.live_at
}
