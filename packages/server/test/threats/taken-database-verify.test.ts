import { generateKeyPairSync, randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createSigningKey, openVerifier, publicKeyPath } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { destroyDueJob } from "../../src/filing/preservation/jobs/destroy-due.ts"
import { createPreservation } from "../../src/filing/preservation/service.ts"
import type { FinishedReport } from "../../src/filing/reports/ports.ts"
import type { ReportId } from "../../src/filing/reports/types.ts"
import { createSources } from "../../src/intake/sources/service.ts"
import { COMPARED_TABLES } from "../../src/oversight/audit/compare-rows.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { isFilingPaused, pauseFiling, resumeFiling } from "../../src/oversight/operations/filing-pause.ts"
import { SEALED_TABLES } from "../../src/platform/authority/sealed-tables.ts"
import { openContextKeys } from "../../src/platform/context-keys/context-keys.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { passkeyId } from "../../src/staff/sign-in/passkeys/passkey-id.ts"
import { insertPasskey } from "../../src/staff/sign-in/passkeys/store.ts"
import { openKeeper, sealedByName } from "../support/custody.ts"
import { addMember, found, giveRole, type Member, openStaff, type Staff } from "../support/staff.ts"
import { asSuperuser, putRowBack, whileTablesChanged } from "../support/superuser.ts"

const dir = await mkdtemp(join(tmpdir(), "nightlight-taken-"))
afterAll(() => rm(dir, { recursive: true, force: true }))
await createSigningKey(join(dir, "key.pem"))
const verifier = await openVerifier(publicKeyPath(join(dir, "key.pem")))

const db = useDatabase()
const CASE = "case-00000000-0000-4000-8000-00000000000a"
const REPORT = "report-00000000-0000-4000-8000-000000000001"
const CLEARED = "case-00000000-0000-4000-8000-00000000000b"
const AGAIN = "case-00000000-0000-4000-8000-00000000000c"
const EVIDENCE: Readonly<Record<string, readonly string[]>> = {
  [CASE]: ["evidence-a"],
  [CLEARED]: ["evidence-b"],
  [AGAIN]: ["evidence-c"],
}

let staff: Staff
let boss: Member
let ada: Member
const removed: string[] = []
let preservation: ReturnType<typeof createPreservation>
let destroyDue: () => Promise<unknown>

beforeAll(async () => {
  staff = await openStaff(db.database, { areRolesApproved: true })
  boss = (await found(staff)).first
  ada = await addMember(staff, "reviewer", "reporter")
  await ada.signIn()
  const other = await addMember(staff, "administrator")
  await other.signIn()
  const grant = await transact(staff, boss.id, async (tx) =>
    staff.approvals.request(tx, await boss.actor(), "role.grant", ada.id, { role: "senior-reviewer" }),
  )
  await staff.approvals.decline(await other.actor(), grant.id)
  await transact(staff, boss.id, (tx) => staff.people.recordRelation(tx, boss.id, ada.id, "made"))
  await staff.people.removeRole(await boss.actor(), ada.id, "reporter")
  await staff.keys.make(await boss.actor(), { name: "p", scopes: ["screen"], expiresInDays: 9 })
  const { publicKey } = generateKeyPairSync("ed25519")
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString()
  await createSources(staff).enrol(await boss.actor(), { name: "lab", publicKey: pem, namesAccounts: false })
  await staff.people.deactivate(await boss.actor(), other.id)
  const deps = {
    ...staff,
    contextKeys: openContextKeys(randomBytes(32)),
    evidence: { remove: async (id: string) => removed.push(id) > 0 },
    backupDays: 30,
    custodian: openKeeper().keeper,
    sealedOf: sealedByName,
  }
  preservation = createPreservation({
    ...deps,
    evidenceOf: async (_, caseId) => EVIDENCE[caseId] ?? [],
    evidenceOfAlone: async (_, caseId) => EVIDENCE[caseId] ?? [],
  })
  const job = destroyDueJob({ ...deps, guard: { mayEnd: async () => true } as never })
  destroyDue = () => job.run({}, AbortSignal.timeout(60_000))
  await transact(staff, "system-test", async (tx) => {
    await preservation.reportFinished(tx, finished(CASE))
    await preservation.hold(tx, boss.id, CLEARED, { reason: "counsel", reference: "letter" } as never)
    await preservation.caseCleared(tx, CLEARED)
  })
  const passkey = { credentialId: "AAAA", personId: ada.id, publicKey: "AAAA", name: "key", counter: 0 }
  await transact(staff, ada.id, async ({ trx, record }) => {
    await insertPasskey(trx, { ...passkey, madeAt: staff.clock.now() })
    record({ type: "passkey.added", subject: ada.id, data: { passkey: passkeyId(passkey.credentialId) } })
  })
  await transact(staff, "person-a", async ({ record }) => {
    const data = { case: CASE, kind: "training-data", environment: "production" }
    record({ type: "report.drafted", subject: REPORT, data })
    record({ type: "report.grant-made", subject: REPORT, data: { grant: "grant-1" } })
  })
  await transact(staff, boss.id, async ({ record }) => {
    record({ type: "report.approved", subject: REPORT })
  })
  await attack(
    `INSERT INTO reports (id, case_id, kind, environment, state, content, prepared_by, created_at, approved_by, approved_at, proven, grant_id)
     VALUES ($1, $2, 'training-data', 'production', 'approved', '', 'person-a', $4, $3, $4, '', 'grant-1')`,
    REPORT,
    CASE,
    boss.id,
    staff.clock.now(),
  )
})
afterAll(() => staff.app.close())

const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))
const finished = (caseId: string): FinishedReport => ({
  environment: "production",
  caseId,
  reportId: "report-1" as ReportId,
  remoteReportId: "1",
  evidenceIds: EVIDENCE[caseId] ?? [],
  finishedAt: staff.clock.now(),
})
const verify = () => verifyDatabase(db.database.kysely, { verifier })

const whileChanged = (tables: readonly string[], change: () => Promise<unknown>, check: () => Promise<void>) =>
  whileTablesChanged(db, tables, { change, check })
const restore = (table: string, row: unknown) => putRowBack(db, table, row)

describe("audit verify", () => {
  it("says that an untouched database is what its log says", async () => {
    expect(await verify()).toMatchObject({ ok: true })
  })

  it.each([
    [
      "a session that was written",
      "sessions",
      "unsealed",
      "UPDATE sessions SET person_id = (SELECT first_id FROM setup) WHERE person_id <> (SELECT first_id FROM setup)",
    ],
    [
      "a role that was written",
      "person_roles",
      "unsealed",
      "INSERT INTO person_roles SELECT person_id, 'counsel', granted_at, requested_by, approved_by, mac FROM person_roles LIMIT 1",
    ],
    ["a role that was deleted", "person_roles", "missing", "DELETE FROM person_roles WHERE role = 'reviewer'"],
    ["a tie that was deleted", "person_relations", "missing", "DELETE FROM person_relations"],
    ["a tie that was changed", "person_relations", "unsealed", "UPDATE person_relations SET by_id = 'person-x'"],
    [
      "a person who was brought back",
      "people",
      "unsealed",
      "UPDATE people SET deactivated_at = NULL WHERE deactivated_at IS NOT NULL",
    ],
    ["a person who was deleted", "people", "missing", "DELETE FROM people WHERE deactivated_at IS NOT NULL"],
    ["a password that was swapped", "credentials", "unsealed", "UPDATE credentials SET password = 'x'"],
    [
      "a key that was written",
      "service_keys",
      "unsealed",
      "INSERT INTO service_keys (id, name, token_sha256, scopes, source, calls_per_minute, made_by, made_at, expires_at, revoked_at, used_at, mac) SELECT 'key-x', name, 'x', scopes, source, calls_per_minute, made_by, made_at, expires_at, revoked_at, used_at, mac FROM service_keys",
    ],
    ["a key that was deleted", "service_keys", "missing", "DELETE FROM service_keys"],
    ["a source that was changed", "sources", "unsealed", "UPDATE sources SET names_accounts = true"],
    [
      "an approval that was decided",
      "approvals",
      "unsealed",
      "UPDATE approvals SET state = 'done', decided_by = 'person-x'",
    ],
    ["an approval that was deleted", "approvals", "missing", "DELETE FROM approvals"],
    ["a password that was deleted", "credentials", "missing", "DELETE FROM credentials"],
    ["a passkey that was deleted", "passkeys", "missing", "DELETE FROM passkeys"],
    [
      "evidence whose lock was deleted",
      "preservations",
      "missing",
      "DELETE FROM preservations WHERE evidence_id = 'evidence-a'",
    ],
    ["a report that was deleted", "reports", "missing", "DELETE FROM reports"],
    ["a report that another approved", "reports", "approval", "UPDATE reports SET approved_by = 'person-x'"],
    [
      "a report that was finished",
      "reports",
      "state",
      "UPDATE reports SET state = 'finished', finished_at = now(), remote_report_id = '1'",
    ],
    ["a report that was drafted again", "reports", "state", "UPDATE reports SET state = 'draft'"],
    ["a report of another case", "reports", "owner", "UPDATE reports SET case_id = 'case-x'"],
    [
      "a report that nobody drafted",
      "reports",
      "unknown",
      "UPDATE reports SET id = 'report-00000000-0000-4000-8000-00000000000f'",
    ],
    [
      "a lock that was moved",
      "preservations",
      "unsealed",
      "UPDATE preservations SET locked_until = '2020-01-01' WHERE state = 'locked'",
    ],
    ["a hold that was lifted", "holds", "unsealed", "UPDATE holds SET lifted_at = now(), lifted_by = 'person-x'"],
    ["a hold that was deleted", "holds", "missing", "DELETE FROM holds"],
    [
      "set-up that was taken back",
      "setup",
      "state",
      "UPDATE setup SET first_id = NULL, second_id = NULL, complete_at = NULL, mac = ''",
    ],
  ])("names %s", async (_what, table, what, sql) => {
    await whileChanged(
      [table],
      () => attack(sql),
      async () => {
        expect(await verify()).toMatchObject({ ok: false, row: { table, what } })
      },
    )
    expect(await verify()).toMatchObject({ ok: true })
  })

  it.each([
    ["a version of the policy", "policies", "policy.stored", {}],
    ["a request of an authority", "le_requests", "request.opened", {}],
    ["a case that a request is about", "le_request_cases", "request.case-linked", { case: "case-x" }],
    ["an authorisation", "filing_authorisations", "automation.drafted", {}],
    ["a false positive", "false_positives", "false-positive.opened", {}],
  ])("names %s whose row is gone", async (_what, table, type, data) => {
    await transact(staff, boss.id, async ({ record }) => record({ type, subject: "gone-1", data }))
    expect(await verify()).toMatchObject({ ok: false, row: { table, what: "missing" } })
    await attack("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)")
    expect(await verify()).toMatchObject({ ok: true })
  })

  it("names a role that was taken away and put back with its code", async () => {
    await giveRole(staff, ada.id, "reporter")
    const rows = await attack("SELECT * FROM person_roles WHERE role = 'reporter'")
    await staff.people.removeRole(await boss.actor(), ada.id, "reporter")
    await whileChanged(
      ["person_roles"],
      async () => {
        for (const row of rows) await restore("person_roles", row)
      },
      async () => {
        expect(await verify()).toMatchObject({ row: { table: "person_roles", what: "role" } })
      },
    )
  })

  it("names a session that was ended and put back with its code", async () => {
    await ada.signIn()
    const rows = await attack("SELECT * FROM sessions WHERE person_id = $1 AND ended_at IS NULL", ada.id)
    await transact(staff, ada.id, (tx) => staff.signIn.sessions.endAll(tx, ada.id))
    await whileChanged(
      ["sessions"],
      async () => {
        await attack("DELETE FROM sessions WHERE person_id = $1", ada.id)
        for (const row of rows) await restore("sessions", row)
      },
      async () => {
        expect(await verify()).toMatchObject({ row: { table: "sessions", what: "ended" } })
      },
    )
  })
})

describe("every sealed table", () => {
  /** Sealed rows that nothing of the log is compared with, and why that is enough. */
  const BY_CODE_ALONE: Readonly<Record<string, string>> = {
    sign_in_links: "a link is asked for in the log when it is used, and its end deletes its row",
    original_requests: "proven, declined or withdrawn by the log wherever one is used",
    policy_activations: "the active policy is compared with the log",
    live_indexes: "a snapshot carries its own signature",
    false_positive_entries: "their false positive is compared",
  }

  it("is compared with the log, or said not to be and why", () => {
    expect([...COMPARED_TABLES, ...Object.keys(BY_CODE_ALONE)].toSorted()).toEqual(
      Object.keys(SEALED_TABLES).toSorted(),
    )
  })
})

describe("evidence that is kept, when somebody without the key", () => {
  it("deletes its hold, is not destroyed", async () => {
    staff.clock.move(10 * DAY_MS)
    await destroyDue()
    expect(removed).toEqual([])
    await whileChanged(
      ["holds"],
      () => attack("DELETE FROM holds"),
      async () => {
        await destroyDue()
        expect(removed).toEqual([])
      },
    )
  })

  it("marks it as cleared, is not destroyed", async () => {
    const [row] = await attack("SELECT * FROM preservations WHERE evidence_id = 'evidence-a'")
    await whileChanged(
      ["preservations"],
      () =>
        attack(
          "UPDATE preservations SET state = 'clearing', destroy_after = '2020-01-01', destroy_by = '2020-01-02', locked_until = NULL WHERE evidence_id = 'evidence-a'",
        ),
      async () => {
        await destroyDue()
        expect(removed).toEqual([])
      },
    )
    expect(row).toMatchObject({ state: "locked" })
  })

  it("puts its row back as it was before a report locked it, is not destroyed", async () => {
    await transact(staff, "system-test", (tx) => preservation.caseCleared(tx, AGAIN))
    const [row] = await attack("SELECT * FROM preservations WHERE evidence_id = 'evidence-c'")
    await transact(staff, "system-test", (tx) => preservation.reportFinished(tx, finished(AGAIN)))
    staff.clock.move(10 * DAY_MS)
    await whileChanged(
      ["preservations"],
      async () => {
        await attack("DELETE FROM preservations WHERE evidence_id = 'evidence-c'")
        await restore("preservations", row)
      },
      async () => {
        await destroyDue()
        expect(removed).toEqual([])
        expect(await verify()).toMatchObject({ row: { table: "preservations", id: "evidence-c", what: "lock" } })
      },
    )
    expect(await verify()).toMatchObject({ ok: true })
  })

  it("marks it as ordered, is not destroyed", async () => {
    await whileChanged(
      ["preservations"],
      () => attack("UPDATE preservations SET state = 'destroying'"),
      async () => {
        await destroyDue()
        expect(removed).toEqual([])
      },
    )
  })

  it("moves its lock, is not destroyed as expired", async () => {
    await whileChanged(
      ["preservations"],
      () => attack("UPDATE preservations SET locked_until = '2020-01-01'"),
      async () => {
        await expect(preservation.ofCase(CASE)).rejects.toMatchObject({ code: "row_untrusted" })
      },
    )
  })
})

it("a pause of filing goes on when its row is deleted, and ends when somebody ends it", async () => {
  const { db: kysely } = staff
  await transact(staff, "system-test", (tx) => pauseFiling(tx, "system-test", staff.clock.now()))
  await attack("DELETE FROM operations")
  expect(await isFilingPaused(kysely)).toBe(true)
  await transact(staff, "system-test", (tx) => resumeFiling(tx, { compared: 0 }))
  expect(await isFilingPaused(kysely)).toBe(false)
})
