import { DAY_MS, HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { sql } from "kysely"
import { beforeEach, describe, expect, it } from "vitest"
import { readListOutcomes } from "../../../src/casework/cases/items/list-outcomes.ts"
import { checkCounts } from "../../../src/casework/cases/jobs/keep-counts.ts"
import { compareCaseCounts, mergeCaseCounts, repairCaseCounts } from "../../../src/casework/cases/queue/kept-counts.ts"
import { countCases } from "../../../src/casework/cases/queue/queue-store.ts"
import { aMatch, anItem, hex64, inDataset } from "./builders.ts"

const db = useDatabase()
const LISTS = ["list-a", "list-b", "list-c"]
const ITEMS = Array.from({ length: 12 }, hex64)
const CONCURRENCY = 6
const never = new AbortController().signal

let harness: Harness
beforeEach(() => {
  harness = createHarness(db)
})

function seeded(seed: number) {
  let state = seed
  const next = () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return { next, pick: <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item }
}

/** The counts by plain SQL. */
async function counted(person: string, now: Date) {
  const { kysely } = db.database
  const { rows } = await sql<{ readonly state: string; readonly count: string }>`
    SELECT state, count(*) FROM cases GROUP BY state`.execute(kysely)
  const { rows: due } = await sql<{ readonly overdue: string; readonly next: Date | null }>`
    SELECT count(*) FILTER (WHERE due_at <= ${now}) AS overdue, min(due_at) AS next FROM cases
    WHERE clock_running`.execute(kysely)
  const { rows: mine } = await sql<{ readonly count: string }>`
    SELECT count(*) FROM cases WHERE claimed_by = ${person} AND claimed_until > ${now} AND state <> 'decided'`.execute(
    kysely,
  )
  return {
    byState: { open: 0, settling: 0, "second-review": 0, resolution: 0, decided: 0, ...numbersOf(rows) },
    overdue: Number(due[0]?.overdue),
    nextDueAt: due[0]?.next ?? undefined,
    claimedByMe: Number(mine[0]?.count),
  }
}

const numbersOf = (rows: readonly { readonly state: string; readonly count: string }[]) =>
  Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))

/** Rows of `case_lists` that differ from what the cases themselves say. */
async function misplaced() {
  const { rows } = await sql`
    WITH said AS (
      SELECT DISTINCT list, case_id, kind, state, band, sort_at, decided_at FROM cases, unnest(lists) AS list
    ), kept AS (SELECT list, case_id, kind, state, band, sort_at, decided_at FROM case_lists)
    (SELECT * FROM said EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM said)`.execute(
    db.database.kysely,
  )
  return rows
}

async function listsCounted() {
  const { rows } = await sql<Record<"list" | "items" | "cases" | "reportable" | "notViolation", string>>`
    SELECT list,
      (SELECT count(DISTINCT item_key) FROM case_items, jsonb_array_elements(matches) m WHERE m->>'list' = list) AS items,
      count(*) AS cases, count(*) FILTER (WHERE state = 'decided' AND outcome = 'reportable') AS reportable,
      count(*) FILTER (WHERE state = 'decided' AND outcome = 'not-violation') AS "notViolation"
    FROM cases, unnest(lists) AS list GROUP BY list ORDER BY list`.execute(db.database.kysely)
  return rows.map(({ list, ...row }) => ({
    list,
    items: Number(row.items),
    cases: Number(row.cases),
    reportable: Number(row.reportable),
    notViolation: Number(row.notViolation),
  }))
}

describe("kept counts", () => {
  it("equal a recount after any concurrent transitions, while they are being merged", async () => {
    const random = seeded(20_261_201)
    const people = [aPerson("reviewer"), aPerson("reviewer"), aPerson("senior-reviewer")]
    const caseIds: string[] = []
    const attach = async () => {
      const list = random.pick(LISTS)
      const kind = random.pick(["direct", "dataset", "account"] as const)
      const origin = kind === "direct" ? { kind } : kind === "dataset" ? inDataset() : { kind, accountKey: hex64() }
      const matches = random.next() < 0.3 ? LISTS.map((name) => aMatch({ list: name })) : [aMatch({ list })]
      const itemKey = random.pick(ITEMS)
      const { caseId } = await harness.attach(anItem({ itemKey, matches, origin: origin as never }))
      caseIds.push(caseId)
    }
    const change = async () => {
      const caseId = random.pick(caseIds)
      const person = random.pick(people)
      const step = random.pick(["claim", "release", "decide", "settle", "danger"] as const)
      if (step === "claim") await harness.cases.claim(person, caseId, (await harness.cases.get(caseId))?.version ?? 0)
      if (step === "release") await harness.cases.release(person, caseId)
      if (step === "decide")
        await decide(harness, person, caseId, { basis: random.pick(["18-usc-2252a", "not-violation"]) })
      if (step === "settle") await settle(harness, caseId)
      if (step === "danger") await harness.cases.flagDanger(person, caseId)
    }
    const { kysely } = db.database
    for (let n = 0; n < 3; n++) await attach()
    for (let round = 0; round < 20; round++) {
      const steps = Array.from({ length: CONCURRENCY }, () => (random.next() < 0.4 ? attach() : change()))
      // A step that another one overtook is refused, and changes nothing.
      await Promise.allSettled([...steps, mergeCaseCounts(kysely, 5), mergeCaseCounts(kysely, 5)])
      harness.clock.move(3 * HOUR_MS)
      expect(await compareCaseCounts(kysely)).toEqual([])
      expect(await misplaced()).toEqual([])
    }
    for (const now of [harness.clock.now(), new Date(harness.clock.now().getTime() + 3 * DAY_MS)]) {
      expect(await countCases(kysely, people[0]?.id ?? "", now)).toEqual(await counted(people[0]?.id ?? "", now))
    }
    expect(await readListOutcomes(kysely)).toMatchObject(await listsCounted())
    const { byState } = await countCases(kysely, "", harness.clock.now())
    expect(Object.values(byState).every((count) => count >= 0)).toBe(true)
    expect(byState.open).not.toBe(caseIds.length)
  })

  it("name each case of a list with a missing, wrong or superfluous place", async () => {
    const { kysely } = db.database
    const attached = []
    for (let n = 0; n < 3; n++) {
      attached.push(
        await harness.attach(anItem({ matches: [aMatch({ list: "list-z" })], origin: { kind: "direct" } as never })),
      )
    }
    await sql`DELETE FROM case_lists WHERE case_id = ${attached[0]?.caseId}`.execute(kysely)
    await sql`UPDATE case_lists SET band = band + 1 WHERE case_id = ${attached[1]?.caseId}`.execute(kysely)
    await sql`INSERT INTO case_lists SELECT 'list-y', case_id, kind, state, band, sort_at, decided_at
      FROM case_lists WHERE case_id = ${attached[2]?.caseId}`.execute(kysely)
    const differences = [
      { name: "case-lists", key: "list-y", missing: -1 },
      { name: "case-lists", key: "list-z", missing: 2 },
    ]
    expect(await compareCaseCounts(kysely)).toEqual(differences)
    expect(await repairCaseCounts(kysely)).toEqual(differences)
    expect(await misplaced()).toEqual([])
    expect(await compareCaseCounts(kysely)).toEqual([])
  })

  it("are added up to one row of each name and key without changing", async () => {
    const { kysely } = db.database
    for (let n = 0; n < 8; n++) await harness.attach(anItem())
    const before = await readListOutcomes(kysely)
    expect(await mergeCaseCounts(kysely, 0)).toBeGreaterThan(0)
    const { rows } = await sql`SELECT name, key FROM case_counts GROUP BY name, key HAVING count(*) > 1`.execute(kysely)
    expect(rows).toEqual([])
    expect(await readListOutcomes(kysely)).toEqual(before)
    expect(await compareCaseCounts(kysely)).toEqual([])
  })

  it("that differ are repaired by the recount job, with an alarm that says how many", async () => {
    const { kysely } = db.database
    await harness.attach(anItem())
    await sql`INSERT INTO case_counts (name, key, delta) VALUES ('state', 'open', 7), ('list-items', 'nowhere', -2)`.execute(
      kysely,
    )
    expect(await compareCaseCounts(kysely)).toEqual([
      { name: "list-items", key: "nowhere", missing: 2 },
      { name: "state", key: "open", missing: -7 },
    ])
    const job = checkCounts(harness.casesDeps)
    await job.run({}, never)
    expect(await compareCaseCounts(kysely)).toEqual([])
    const raised = async () => (await harness.alarms.list(true)).filter(({ code }) => code === "case-counts-differ")
    expect(await raised()).toMatchObject([{ times: 1, data: { differences: 2, cases: 9 } }])
    await job.run({}, never)
    expect(await raised()).toMatchObject([{ times: 1 }])
  })
})
