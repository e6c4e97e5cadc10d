import { useDatabase } from "@nightlight/dev-env/database/postgres"
import type { Compilable } from "kysely"
import { beforeAll, describe, expect, it } from "vitest"
import { unfiledQuery } from "../../../src/casework/cases/queue/due-store.ts"
import {
  countCases,
  nextQuery,
  type QueueFilter,
  queueQuery,
  readQueue,
} from "../../../src/casework/cases/queue/queue-store.ts"

const db = useDatabase()
const NOW = new Date("2026-03-02T09:00:00.000Z")
const CASES = 100_000

beforeAll(async () => {
  await db.database.pool.query(
    `INSERT INTO cases (case_id, kind, source, group_key, state, version, opened_at, strength, items, locations,
       known_items, lists, categories, danger, due_at, clock_running, alarmed, claimed_by, claimed_until, first_decision,
       first_decider, pending_stage, undo_until, decided_decision, basis, outcome, decided_at, second_review, band, sort_at)
     SELECT 'case-' || md5(n::text), (ARRAY['dataset','account','direct','test'])[1 + n % 4], 'source-1', md5(n::text),
       s, 1, $1::timestamptz - n * interval '1 minute', 'unverified', 1, 1, 0, CASE WHEN n % 1000 = 7 THEN ARRAY['list-' || n % 50, 'rare'] ELSE ARRAY['list-' || n % 50] END, ARRAY['c'], false,
       CASE WHEN n % 10 = 0 THEN $1::timestamptz + (n - 200) * interval '1 minute' END, n % 10 = 0 AND s <> 'decided', 0,
       CASE WHEN n % 500 = 0 THEN 'person-1' END, CASE WHEN n % 500 = 0 THEN $1::timestamptz + interval '5 minutes' END,
       CASE WHEN s = 'settling' THEN 'd' END, CASE WHEN s = 'settling' THEN 'p' END,
       CASE WHEN s = 'settling' THEN 'first' END, CASE WHEN s = 'settling' THEN $1::timestamptz END,
       CASE WHEN s = 'decided' THEN 'd' END, CASE WHEN s = 'decided' THEN 'not-violation' END,
       CASE WHEN s = 'decided' THEN 'not-violation' END, CASE WHEN s = 'decided' THEN $1::timestamptz - (n % 101) * interval '1 hour' END,
       CASE WHEN s = 'decided' THEN 'none' END, 1 + n % 5, $1::timestamptz - (n % 7919) * interval '1 minute'
     FROM (SELECT n, (ARRAY['open','second-review','resolution','settling','decided'])[1 + (n / 7) % 5] AS s
           FROM generate_series(1, ${CASES}) AS n) AS made`,
    [NOW],
  )
  const { Client } = await import("pg")
  const owner = new Client(db.owner)
  await owner.connect()
  await owner.query("ANALYZE cases, case_lists")
  await owner.end()
})

interface Plan {
  readonly "Node Type": string
  readonly "Index Name"?: string
  readonly "Actual Rows": number
  readonly Plans?: readonly Plan[]
}

function planOf(filter: QueueFilter): Promise<readonly Plan[]> {
  const after = { band: 2, sortAt: NOW, caseId: "case-5" }
  return explain(queueQuery(db.database.kysely, filter, { after, limit: 50, now: NOW }))
}

async function explain(query: Compilable): Promise<readonly Plan[]> {
  const { sql, parameters } = query.compile()
  const { rows } = await db.database.pool.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
    [...parameters],
  )
  const nodes = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]
  return nodes(rows[0]!["QUERY PLAN"][0]!.Plan)
}

describe("a page of the queue among 100,000 cases", () => {
  it.each([
    ["everything that waits", {}, "cases_waiting"],
    ["one state", { state: "second-review" }, "cases_by_state"],
    ["what is decided", { state: "decided" }, "cases_decided"],
    ["one kind", { kind: "account" }, "cases_by_kind"],
    ["one person's", { assignee: "person-1" }, "cases_claimed"],
    ["what nobody holds", { assignee: "none" }, "cases_waiting"],
    ["one list's", { list: "list-7" }, "case_lists_waiting"],
    ["one list's of one state", { list: "list-7", state: "open" }, "case_lists_waiting"],
    ["one list's that are decided", { list: "list-7", state: "decided" }, "case_lists_decided"],
  ] as const)("of %s is read from an index in its order, without sorting", async (_name, filter, index) => {
    const plan = await planOf(filter)
    const types = plan.map((node) => node["Node Type"])
    expect(types).not.toContain("Sort")
    expect(types).not.toContain("Seq Scan")
    expect(plan.map((node) => node["Index Name"])).toContain(index)
  })

  it.each([true, false])("is found for who asks for the next case without sorting (resolves: %s)", async (resolves) => {
    const plan = await explain(
      nextQuery(db.database.kysely, { person: "person-2", resolves, without: ["b9"], now: NOW }),
    )
    expect(plan.map((node) => node["Index Name"])).toContain("cases_waiting")
    expect(plan.map((node) => node["Node Type"])).not.toContain("Sort")
  })

  it("goes with what is decided and not filed, read from an index in its order among all that have a deadline", async () => {
    const plan = await explain(unfiledQuery(db.database.kysely, 1000))
    expect(plan.map((node) => node["Index Name"])).toContain("cases_unfiled")
    expect(plan.map((node) => node["Node Type"])).not.toContain("Sort")
  })

  it("of a rare list reads that list's cases and no others", async () => {
    const plan = await planOf({ list: "rare" })
    expect(plan.map((node) => node["Index Name"])).toContain("case_lists_waiting")
    expect(Math.max(...plan.map((node) => node["Actual Rows"]))).toBeLessThanOrEqual(CASES / 1000)
  })

  it.each([
    ["one list", { list: "list-7" }],
    ["what is due", { dueBefore: NOW }],
  ] as const)("of %s never reads the whole table", async (_name, filter) => {
    expect((await planOf(filter)).map((node) => node["Node Type"])).not.toContain("Seq Scan")
  })

  it.each([
    ["waiting", {}, "state <> 'decided'", "band, sort_at, case_id"],
    ["decided, the last first,", { state: "decided" }, "state = 'decided'", "decided_at DESC, case_id DESC"],
  ] as const)(
    "of %s cases follows the one before with nothing left out and nothing twice",
    async (_name, of, where, order) => {
      const seen: string[] = []
      let after: Parameters<typeof readQueue>[2]["after"]
      do {
        const page = await readQueue(db.database.kysely, { ...of, list: "list-7" }, { after, limit: 97, now: NOW })
        seen.push(...page.heads.map(({ caseId }) => caseId))
        after = page.next
      } while (after !== undefined)
      const { rows } = await db.database.pool.query<{ case_id: string }>(
        `SELECT case_id FROM cases WHERE ${where} AND lists @> ARRAY['list-7'] ORDER BY ${order}`,
      )
      expect(seen.length).toBeGreaterThan(97)
      expect(seen).toEqual(rows.map(({ case_id }) => case_id))
    },
  )

  it("goes with counts that add up", async () => {
    const { byState, overdue } = await countCases(db.database.kysely, "person-1", NOW)
    expect(Object.values(byState).reduce((sum, count) => sum + count, 0)).toBe(CASES)
    const { rows } = await db.database.pool.query<{ count: string }>(
      "SELECT count(*) FROM cases WHERE clock_running AND due_at <= $1",
      [NOW],
    )
    expect(overdue).toBe(Number(rows[0]!.count))
    expect(overdue).toBeGreaterThan(0)
  })
})
