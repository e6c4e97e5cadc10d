/**
 * Cases as somebody changes them who owns the database and has no key: hidden, moved, deleted, put back. Nobody need use
 * a row for it to be noticed.
 */
import { randomUUID } from "node:crypto"
import { DAY_MS, HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import type { AttachedItem } from "../../src/casework/cases/types.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { createRegularVerification } from "../../src/oversight/audit/verify-regularly.ts"
import { openCustodianClient } from "../../src/platform/custodian/client.ts"
import { anItem, hex64 } from "../casework/cases/builders.ts"
import { asSuperuser, putRowBack, whileTablesChanged } from "../support/superuser.ts"

const db = useDatabase()
const anEvidence = () => ({
  evidenceId: `evidence-${randomUUID()}`,
  ciphertextSha256: hex64(),
  content: "verified" as const,
  contentBytes: 9,
})
const reviewer = aPerson("reviewer")

let harness: ReturnType<typeof createHarness>
let waiting: AttachedItem
let reported: AttachedItem
let before: Readonly<Record<string, unknown>>

beforeAll(async () => {
  harness = createHarness(db)
  waiting = await harness.attach(anItem({ evidence: anEvidence() }))
  const [row] = await attack("SELECT * FROM cases WHERE case_id = $1", waiting.caseId)
  before = row ?? {}
  await harness.cases.flagDanger(reviewer, waiting.caseId)
  reported = await harness.attach(anItem({ evidence: anEvidence() }))
  await decide(harness, reviewer, reported.caseId)
  await settle(harness, reported.caseId)
})

const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))
const verify = () => verifyDatabase(db.database.kysely, {})
const HIDE = `UPDATE cases SET state = 'decided', decided_decision = 'decision-x', basis = 'not-violation',
  outcome = 'not-violation', decided_at = now(), second_review = 'none', clock_running = false WHERE state = 'open'`

describe("audit verify", () => {
  it("says that cases which nobody changed are what the log says", async () => {
    expect(await verify()).toMatchObject({ ok: true })
  })

  it.each([
    ["a case that was hidden as decided", "cases", "state", HIDE],
    [
      "a decided case that was opened again",
      "cases",
      "state",
      "UPDATE cases SET state = 'open', decided_decision = NULL, outcome = NULL WHERE state = 'decided'",
    ],
    ["a deadline that was moved", "cases", "deadline", "UPDATE cases SET due_at = due_at + interval '9 days'"],
    ["a deadline that does not count any more", "cases", "deadline", "UPDATE cases SET clock_running = false"],
    ["an alarm that counts as raised", "cases", "deadline", "UPDATE cases SET alarmed = 100 WHERE state = 'open'"],
    ["a case that counts as filed", "cases", "state", "UPDATE cases SET filed_at = now()"],
    [
      "an outcome that was changed",
      "cases",
      "decision",
      "UPDATE cases SET outcome = 'not-violation' WHERE state = 'decided'",
    ],
    [
      "a case that somebody is said to hold",
      "cases",
      "claim",
      "UPDATE cases SET claimed_by = 'person-x', claimed_until = now() WHERE state = 'open'",
    ],
    ["a case put last in the queue", "cases", "place", "UPDATE cases SET band = 5 WHERE state = 'open'"],
    ["danger that was taken back", "cases", "place", "UPDATE cases SET danger = false WHERE state = 'open'"],
    ["a case that joins another group", "cases", "owner", "UPDATE cases SET group_key = 'x' WHERE state = 'open'"],
    ["a case that was deleted", "cases", "missing", "DELETE FROM cases WHERE state = 'open'"],
    [
      "a case that nobody opened",
      "cases",
      "unknown",
      "UPDATE cases SET case_id = 'case-00000000-0000-4000-8000-000000000000' WHERE state = 'open'",
    ],
    ["a case that lost its item and all with it", "case_items", "missing", "DELETE FROM case_items"],
    ["an item of another strength", "case_items", "state", "UPDATE case_items SET strength = 'unverified'"],
    ["an item of other evidence", "case_items", "state", "UPDATE case_items SET evidence_id = 'evidence-x'"],
    ["an item that no comparison can read", "case_items", "unreadable", `UPDATE case_items SET matches = '{}'`],
    ["an item of no time", "case_items", "unreadable", "UPDATE case_items SET attached_at = 'infinity'"],
    [
      "a decision that can be undone for ever",
      "cases",
      "decision",
      "UPDATE cases SET undo_until = 'infinity' WHERE undo_until IS NULL",
    ],
    ["an item that matched otherwise", "case_items", "state", "UPDATE case_items SET matches = '[]'"],
    [
      "an item of another sealed file",
      "case_items",
      "state",
      "UPDATE case_items SET ciphertext_sha256 = repeat('0', 64)",
    ],
    ["an item of another type", "case_items", "state", "UPDATE case_items SET media_type = 'text/plain'"],
    [
      "contexts of two places that were swapped",
      "item_locations",
      "state",
      "UPDATE item_locations a SET sealed = b.sealed FROM item_locations b WHERE a.finding_id <> b.finding_id",
    ],
    ["a place found at another time", "item_locations", "state", "UPDATE item_locations SET found_at = now()"],
    [
      "an item of no case",
      "case_items",
      "unknown",
      "INSERT INTO case_items SELECT 'item-x', 'case-0', position, item_key, strength, media_type, size_bytes, digests, verdict, rule, matches, evidence_id, ciphertext_sha256, content, content_bytes, known_case, locations, attached_at FROM case_items LIMIT 1",
    ],
    ["a place that was deleted", "item_locations", "missing", "DELETE FROM item_locations"],
    ["a piece of evidence that nothing would keep", "item_evidence", "missing", "DELETE FROM item_evidence"],
    [
      "a piece that would be destroyed with another case",
      "item_evidence",
      "unknown",
      "INSERT INTO item_evidence (case_id, evidence_id, item_id) SELECT (SELECT case_id FROM cases WHERE state = 'decided'), evidence_id, item_id FROM item_evidence JOIN cases USING (case_id) WHERE state = 'open'",
    ],
    ["a decision that was written", "decisions", "unknown", "UPDATE decisions SET decision_id = 'decision-x'"],
    ["a decision that somebody else gave", "decisions", "decision", "UPDATE decisions SET person_id = 'person-x'"],
    ["a decision that was undone", "decisions", "decision", "UPDATE decisions SET undone_at = now()"],
    [
      "a decision that asked nobody else",
      "decisions",
      "decision",
      "UPDATE decisions SET requests_second_review = true",
    ],
    ["an item left out of a report", "judgements", "decision", "UPDATE judgements SET included = false"],
    ["an item classified otherwise", "judgements", "decision", "UPDATE judgements SET classification = 'B2'"],
    ["a list of cases that was emptied", "case_lists", "place", "DELETE FROM case_lists"],
    ["a count that was changed", "case_counts", "count", "UPDATE case_counts SET delta = delta + 1"],
    ["a judgement that was deleted", "judgements", "missing", "DELETE FROM judgements"],
  ])("names %s", async (_what, table, what, sql) => {
    await whileTablesChanged(db, [table], {
      change: () => attack(sql),
      check: async () => {
        expect(await verify()).toMatchObject({ ok: false, row: { table, what } })
      },
    })
  })

  it("tells how far it has come, of how many events and cases", async () => {
    const told: (readonly [number, number])[] = []
    const { events } = await verifyDatabase(db.database.kysely, { onProgress: (...of) => void told.push(of) })
    expect(told.at(-1)).toEqual([events + 2, events + 2])
  })

  it("names a case whose row was put back as it was before somebody saw danger", async () => {
    await whileTablesChanged(db, ["cases"], {
      change: async () => {
        await attack("DELETE FROM cases WHERE case_id = $1", waiting.caseId)
        await putRowBack(db, "cases", before)
      },
      check: async () => {
        expect(await verify()).toMatchObject({ ok: false, row: { table: "cases", id: waiting.caseId } })
      },
    })
    expect(await verify()).toMatchObject({ ok: true })
  })
})

describe("the worker's own verification", () => {
  const lines: object[] = []
  const log = { info: (line: object) => lines.push(line), warn: (line: object) => lines.push(line) }

  it("raises an alarm that names a hidden case which nobody looks for, and comes round again", async () => {
    const custodian = openCustodianClient("/nowhere/custodian.sock")
    const verification = createRegularVerification({ ...harness, custodian, log: log as never, everyHours: 24 })
    expect(await verification.runIfDue()).toMatchObject({ ok: true })
    await whileTablesChanged(db, ["cases"], {
      change: () => attack(HIDE),
      check: async () => {
        harness.clock.move(23 * HOUR_MS)
        expect(await verification.runIfDue()).toBeUndefined()
        harness.clock.move(DAY_MS)
        expect(await verification.runIfDue()).toMatchObject({ ok: false, row: { table: "cases", id: waiting.caseId } })
      },
    })
    const raised = (await harness.alarms.list(true)).filter(({ code }) => code === "row-untrusted")
    expect(raised).toMatchObject([{ subject: `cases:${waiting.caseId}`, data: { table: "cases", fault: "state" } }])
    harness.clock.move(DAY_MS)
    expect(await verification.runIfDue()).toMatchObject({ ok: true })
    expect(lines).toHaveLength(3)
    await custodian.close()
  })

  it("raises another alarm where the log itself was changed", async () => {
    const custodian = openCustodianClient("/nowhere/custodian.sock")
    const verification = createRegularVerification({ ...harness, custodian, log: log as never, everyHours: 1 })
    harness.clock.move(DAY_MS)
    const [last] = await attack("SELECT seq, line FROM events ORDER BY seq DESC LIMIT 1")
    const { seq, line } = last as { readonly seq: string; readonly line: string }
    await attack("UPDATE events SET line = replace(line, 'true', 'false') WHERE seq = $1", seq)
    expect(await verification.runIfDue()).toMatchObject({ ok: false })
    await attack("UPDATE events SET line = $2 WHERE seq = $1", seq, line)
    const raised = (await harness.alarms.list(true)).filter(({ code }) => code === "log-differs")
    expect(raised).toMatchObject([{ subject: "installation", data: { seq: Number(seq) } }])
    await custodian.close()
  })
})
