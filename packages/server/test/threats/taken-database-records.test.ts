/**
 * Records of work done and waiting, as somebody changes them who owns the database and has no key: viewings and
 * exposure, limits, disclosures, tasks, alarms, the steps of reports.
 */

import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, decide, settle } from "@nightlight/dev-env/server/cases"
import { type AuditData, chainAuditEvent } from "@nightlight/vault/audit"
import { beforeAll, describe, expect, it } from "vitest"
import { findDisclosureProblem } from "../../src/oversight/audit/compare-records.ts"
import { Rebuilt } from "../../src/oversight/audit/rebuild.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { createTasks } from "../../src/oversight/operations/tasks.ts"
import type { PersonActor } from "../../src/platform/auth/actor.ts"
import { anItem } from "../casework/cases/builders.ts"
import { aProvenGrant, aViewer, createViewingsHarness, type ViewingsHarness } from "../casework/viewings/harness.ts"
import { openReportEnvironment } from "../support/report-environment.ts"
import { asSuperuser, whileTablesChanged } from "../support/superuser.ts"

const db = useDatabase()
const counsel = aPerson("counsel")
const AUDIT_START = { seq: 0, hash: "0".repeat(64) }

let harness: ViewingsHarness

beforeAll(async () => {
  harness = createViewingsHarness(db)
  await viewOnce(aPerson("reviewer"))
  await harness.exposure.limits.set(counsel, { itemsPerDay: 40 })
  const tasks = createTasks(harness)
  for (const number of [1, 2]) {
    await tasks.leaveJob({ name: "file-report", jobId: `job-${number}`, code: "internal", tries: 3, payload: {} })
  }
  const [first] = await tasks.open(1)
  await tasks.close(counsel.id, first?.id ?? "", "done")
  for (const subject of ["one", "two", "three"]) {
    await harness.alarms.raiseNow({ code: "row-untrusted", subject })
  }
  const [three, two] = await harness.alarms.list(true)
  await harness.alarms.acknowledge(counsel, two?.id ?? "")
  await harness.alarms.acknowledge(counsel, three?.id ?? "")
  await harness.alarms.reopen(counsel, three?.id ?? "")
  await refuseReport()
})

async function viewOnce(person: PersonActor): Promise<void> {
  const viewer = await aViewer(person)
  const found = await harness.attach(anItem())
  await harness.cases.claim(person, found.caseId, (await harness.cases.get(found.caseId))?.version ?? 1)
  const { viewingId } = await harness.viewings.view(person, found, await aProvenGrant(harness, found, viewer))
  harness.clock.move(7_000)
  await harness.viewings.end(person, { ...found, viewingId }, 5)
  await harness.viewings.view(person, found, await aProvenGrant(harness, found, viewer))
  await harness.exposure.startBreak(person)
}

/** A report with an attempt behind it. */
async function refuseReport(): Promise<void> {
  const { caseId } = await harness.attach(anItem())
  await decide(harness, aPerson("reviewer"), caseId)
  await settle(harness, caseId)
  const site = await openReportEnvironment(harness)
  await site.refuse(await site.approve(caseId))
  const third = await harness.attach(anItem())
  await decide(harness, aPerson("reviewer"), third.caseId)
  await settle(harness, third.caseId)
  await site.approve(third.caseId)
  const other = await harness.attach(anItem())
  await decide(harness, aPerson("reviewer"), other.caseId)
  await settle(harness, other.caseId)
  await site.finish(await site.approve(other.caseId))
}

const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))
const verify = () => verifyDatabase(db.database.kysely, {})

describe("audit verify", () => {
  it("confirms that unchanged records agree with the log", async () => {
    expect(await verify()).toMatchObject({ ok: true })
    expect(await attack("SELECT * FROM report_steps")).not.toEqual([])
  })

  it.each([
    ["a viewing that was deleted", "viewings", "missing", "DELETE FROM viewings WHERE ended_at IS NOT NULL"],
    ["a viewing that is said to be somebody else's", "viewings", "owner", "UPDATE viewings SET person_id = 'person-x'"],
    [
      "a viewing that counts as attested",
      "viewings",
      "state",
      "UPDATE viewings SET attested_at = now(), exif_viewed = true",
    ],
    ["a viewing that counts as failed", "viewings", "state", "UPDATE viewings SET failed = true"],
    [
      "a day of viewing that was emptied",
      "exposure_days",
      "count",
      "UPDATE exposure_days SET viewings = 0, seconds = 0",
    ],
    ["a day of viewing that was deleted", "exposure_days", "missing", "DELETE FROM exposure_days"],
    ["a break that was taken back", "exposure_people", "count", "UPDATE exposure_people SET break_until = NULL"],
    ["a stretch that was deleted", "exposure_people", "missing", "DELETE FROM exposure_people"],
    [
      "a limit that was loosened",
      "exposure_limits",
      "state",
      `UPDATE exposure_limits SET limits = limits || '{"itemsPerDay": 500}'`,
    ],
    ["a limit that was deleted", "exposure_limits", "missing", "DELETE FROM exposure_limits"],
    [
      "a limit that somebody else is said to have set",
      "exposure_limits",
      "state",
      "UPDATE exposure_limits SET set_by = 'person-x'",
    ],
    [
      "a disclosure that nobody made",
      "disclosures",
      "unknown",
      "INSERT INTO disclosures (disclosure_id, request_id, case_id, kind, approval_id, requested_by, approved_by, disclosed_at) VALUES ('disclosure-x', 'r', 'c', 'content', 'a', 'p', 'q', now())",
    ],
    [
      "a task that was closed",
      "tasks",
      "state",
      "UPDATE tasks SET closed_at = now(), closed_by = 'person-x', outcome = 'done' WHERE closed_at IS NULL",
    ],
    ["a task that was deleted", "tasks", "missing", "DELETE FROM tasks"],
    ["a task about something else", "tasks", "owner", "UPDATE tasks SET subject = subject || 'x'"],
    [
      "an alarm that was put out",
      "alarms",
      "missing",
      "UPDATE alarms SET acknowledged_at = now(), acknowledged_by = 'person-x' WHERE acknowledged_at IS NULL",
    ],
    [
      "an alarm that nobody raised",
      "alarms",
      "unknown",
      "UPDATE alarms SET subject = 'four' WHERE acknowledged_at IS NULL AND subject = (SELECT min(subject) FROM alarms WHERE acknowledged_at IS NULL)",
    ],
    [
      "a report that was filed as another one",
      "reports",
      "state",
      "UPDATE reports SET remote_report_id = '1' WHERE state = 'finished'",
    ],
    [
      "a report that was filed to another host",
      "reports",
      "state",
      "UPDATE reports SET environment = 'test' WHERE state = 'finished'",
    ],
    [
      "a report that somebody is said to have looked through",
      "reports",
      "approval",
      "UPDATE reports SET single_person_reviewed_by = 'person-x', single_person_reviewed_at = now()",
    ],
    [
      "a report that is said to be held",
      "reports",
      "state",
      "UPDATE reports SET state = 'held' WHERE state = 'approved'",
    ],
    [
      "a held report that is let go on",
      "reports",
      "state",
      "UPDATE reports SET state = 'approved', held_code = NULL, held_response_code = NULL WHERE state = 'held'",
    ],
    ["a report held for another reason", "reports", "state", "UPDATE reports SET held_code = 'undecided'"],
    [
      "a report to another host",
      "reports",
      "state",
      "UPDATE reports SET environment = 'test' WHERE state = 'approved'",
    ],
    ["a report that somebody else prepared", "reports", "approval", "UPDATE reports SET prepared_by = 'person-x'"],
    [
      "a report whose differing receipt somebody is said to have taken",
      "reports",
      "approval",
      "UPDATE reports SET receipt_accepted_by = 'person-x'",
    ],
    [
      "a report that is said to be filed on an authorisation",
      "reports",
      "approval",
      "UPDATE reports SET authorisation_id = 'authorisation-x'",
    ],
    ["a report of another grant", "reports", "approval", "UPDATE reports SET grant_id = grant_id || 'x'"],
    [
      "a report approved at another time",
      "reports",
      "approval",
      "UPDATE reports SET approved_at = approved_at + interval '1 day'",
    ],
    ["a report of another kind", "reports", "owner", "UPDATE reports SET kind = 'follow-up'"],
    ["a report that is due later", "reports", "deadline", "UPDATE reports SET due_at = now() + interval '9 days'"],
    ["a report that is due at no time", "reports", "unreadable", "UPDATE reports SET due_at = 'infinity'"],
    [
      "a file that a step left out",
      "report_steps",
      "state",
      `UPDATE report_steps SET step = step || '{"evidenceId": "evidence-x"}' WHERE step ->> 'call' = 'upload'`,
    ],
    ["a step that nothing can read", "report_steps", "unreadable", "UPDATE report_steps SET step = 'null'"],
    ["a key of what was said of a case that was deleted", "case_keys", "missing", "DELETE FROM case_keys"],
    [
      "a key of what was said of a case that counts as destroyed",
      "case_keys",
      "unknown",
      "UPDATE case_keys SET wrapped = NULL, destroyed_at = now()",
    ],
    ["a custodian that counts as told", "sent_notices", "state", "UPDATE sent_notices SET seq = 9000000"],
    ["a custodian that counts as told something", "sent_notices", "state", "UPDATE sent_notices SET hash = 'x'"],
    [
      "a pause of filing that nobody made",
      "operations",
      "unknown",
      "INSERT INTO operations (name, since, by) VALUES ('filing-paused', now(), 'person-x')",
    ],
    ["a set-up that is gone", "setup", "missing", "DELETE FROM setup"],
    [
      "a certificate of destruction that nobody issued",
      "destruction_certificates",
      "unknown",
      "INSERT INTO destruction_certificates (certificate_id, case_id, basis, document, issued_at, order_json) VALUES ('certificate-x', 'case-x', 'order', '{}', now(), '{}')",
    ],
    [
      "a receipt that no custodian gave",
      "destruction_receipts",
      "unknown",
      "INSERT INTO destruction_receipts (certificate_id, document, received_at) VALUES ('certificate-x', '{}', now())",
    ],
    ["a step of a report that was deleted", "report_steps", "missing", "DELETE FROM report_steps WHERE ordinal = 2"],
    [
      "a step of a report with another outcome",
      "report_steps",
      "state",
      `UPDATE report_steps SET outcome = '{"kind": "accepted"}' WHERE step ->> 'call' = 'upload'`,
    ],
    [
      "a step of a report that nobody took",
      "report_steps",
      "unknown",
      `INSERT INTO report_steps (report_id, ordinal, attempt, step_key, step, started_at) SELECT report_id, 99, 1, 'finish', '{"call": "finish"}', now() FROM report_steps LIMIT 1`,
    ],
    [
      "a step of no report",
      "report_steps",
      "unknown",
      `INSERT INTO report_steps (report_id, ordinal, attempt, step_key, step, started_at) VALUES ('report-x', 1, 1, 'finish', '{"call": "finish"}', now())`,
    ],
  ])("names %s", async (_what, table, what, sql) => {
    await whileTablesChanged(db, [table], {
      change: () => attack(sql),
      check: async () => {
        expect(await verify()).toMatchObject({ ok: false, row: { table, what } })
      },
    })
  })

  it("names a table that was taken away", async () => {
    await attack("ALTER TABLE exposure_limits RENAME TO exposure_gone")
    expect(await verify()).toMatchObject({ ok: false, row: { what: "unreadable" } })
    await attack("ALTER TABLE exposure_gone RENAME TO exposure_limits")
    expect(await verify()).toMatchObject({ ok: true })
  })

  it("names a table that somebody keeps locked", async () => {
    await asSuperuser(db, async ({ run }) => {
      await run("BEGIN")
      await run("LOCK TABLE disclosures IN ACCESS EXCLUSIVE MODE")
      expect(await verifyDatabase(db.database.kysely, { lockMs: 20 })).toMatchObject({ row: { what: "unreadable" } })
    })
    expect(await verify()).toMatchObject({ ok: true })
  })

  it("names a disclosure that was deleted, or that other people are said to have made", async () => {
    const { kysely } = db.database
    const named = { subject: "approval-1", kind: "evidence.export", about: "case-1" }
    const data = {
      subject: "case-1",
      disclosure: "disclosure-1",
      request: "request-1",
      kind: "content",
      approval: "approval-1",
    }
    const log = new Rebuilt()
    const happen = (type: string, actor: string, told: AuditData) =>
      log.apply(chainAuditEvent({ type, actor, data: told }, harness.clock.now().toISOString(), AUDIT_START))
    happen("approval.requested", "person-1", named)
    happen("evidence.disclosed", "person-2", data)
    expect(await findDisclosureProblem(kysely, log)).toMatchObject({ id: "disclosure-1", what: "missing" })
    await whileTablesChanged(db, ["disclosures"], {
      change: () =>
        attack(
          `INSERT INTO disclosures (disclosure_id, request_id, case_id, kind, approval_id, requested_by, approved_by, disclosed_at)
           VALUES ('disclosure-1', 'request-1', 'case-1', 'content', 'approval-1', 'person-1', 'person-2', now())`,
        ),
      check: async () => {
        expect(await findDisclosureProblem(kysely, log)).toBeUndefined()
        await attack("UPDATE disclosures SET approved_by = 'person-x'")
        expect(await findDisclosureProblem(kysely, log)).toMatchObject({ table: "disclosures", what: "approval" })
      },
    })
  })
})
