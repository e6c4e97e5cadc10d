/**
 * Somebody with an account of no weight who took the database, and tries everything in turn. Each kind of row is tried in
 * `taken-database.test.ts`, and what the log's check says of it in `taken-database-verify.test.ts`.
 */
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { chainAuditEvent, toAuditLine } from "@nightlight/vault/audit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createPreservation } from "../../src/filing/preservation/service.ts"
import type { ReportId } from "../../src/filing/reports/types.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { absentIfUntrusted } from "../../src/platform/authority/sealed-rows.ts"
import { openContextKeys } from "../../src/platform/context-keys/context-keys.ts"
import { makeCheckpoint } from "../../src/platform/events/checkpoint.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { createLog } from "../../src/platform/log.ts"
import { newToken, tokenDigest } from "../../src/platform/secrets/tokens.ts"
import { collectLog } from "../support/app.ts"
import { openKeeper, sealedByName } from "../support/custody.ts"
import { createSigningCustodian } from "../support/signing-custodian.ts"
import { addMember, found, type Member, openStaff, type Staff } from "../support/staff.ts"
import { asSuperuser, putRowBack, whileTablesChanged } from "../support/superuser.ts"

const dir = await mkdtemp(join(tmpdir(), "nightlight-story-"))
afterAll(() => rm(dir, { recursive: true, force: true }))
const key = join(dir, "key.pem")
await createSigningKey(key)
const verifier = await openVerifier(publicKeyPath(key))
const custodian = createSigningCustodian(await openSigner(key), verifier)

const db = useDatabase()
const CASE = "case-00000000-0000-4000-8000-00000000000a"
let staff: Staff
let boss: Member
let mallory: Member
let preservation: ReturnType<typeof createPreservation>

beforeAll(async () => {
  staff = await openStaff(db.database, { areRolesApproved: true })
  boss = (await found(staff)).first
  mallory = await addMember(staff, "reviewer", "reporter")
  await mallory.signIn()
  const evidenceOf = async () => ["evidence-a"]
  preservation = createPreservation({
    ...staff,
    contextKeys: openContextKeys(randomBytes(32)),
    evidenceOf,
    evidenceOfAlone: evidenceOf,
    backupDays: 30,
    custodian: openKeeper().keeper,
    sealedOf: sealedByName,
  } as never)
  await transact(staff, "system-test", async (tx) => {
    await staff.people.recordRelation(tx, boss.id, mallory.id, "made")
    await preservation.reportFinished(tx, {
      environment: "production",
      caseId: CASE,
      reportId: "report-1" as ReportId,
      remoteReportId: "1",
      evidenceIds: ["evidence-a"],
      finishedAt: staff.clock.now(),
    })
    await preservation.hold(tx, boss.id, CASE, { reason: "counsel", reference: "letter" } as never)
  })
})
afterAll(() => staff.app.close())

const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))
const verify = () => verifyDatabase(staff.db, { verifier })
const verifyWithCopy = () => verifyDatabase(staff.db, { verifier, checkpoints: custodian.given() })
const sign = () =>
  makeCheckpoint({
    db: staff.db,
    custodian: custodian as never,
    log: createLog({ process: "test", destination: collectLog() }),
  })
const rolesOf = async ({ id }: Member) => [...((await absentIfUntrusted(staff.people.access(id)))?.roles ?? [])]

interface Attempt {
  readonly what: string
  readonly table: string
  readonly change: () => Promise<unknown>
  /** That it came to nothing where it is used. */
  readonly refused: () => Promise<void>
  readonly named: string
}

const forgedToken = newToken()

const attempts: readonly Attempt[] = [
  {
    what: "itself an administrator",
    table: "person_roles",
    change: () =>
      attack(
        `INSERT INTO person_roles SELECT $1, role, granted_at, requested_by, approved_by, mac FROM person_roles
         WHERE person_id = $2 AND role = 'administrator'`,
        mallory.id,
        boss.id,
      ),
    refused: async () => {
      expect(await rolesOf(mallory)).toEqual([])
      expect((await mallory.browser.call("GET", "/v1/people")).statusCode).not.toBe(200)
    },
    named: "unsealed",
  },
  {
    what: "a session of an administrator",
    table: "sessions",
    change: () =>
      attack(
        `INSERT INTO sessions (id, token_sha256, person_id, method, started_at, seen_at, expires_at, proved_at, mac)
         SELECT 'session-forged', $1, person_id, method, started_at, seen_at, '2999-01-01', now(), mac FROM sessions
         WHERE person_id = $2 LIMIT 1`,
        tokenDigest(forgedToken),
        boss.id,
      ),
    refused: async () => expect(await staff.signIn.sessions.authenticate(forgedToken)).toBeUndefined(),
    named: "unsealed",
  },
  {
    what: "a second person out of one whom the first made",
    table: "person_relations",
    change: () => attack("DELETE FROM person_relations WHERE person_id = $1", mallory.id),
    refused: async () => expect(await staff.people.areIndependent(boss.id, mallory.id)).toBe(false),
    named: "missing",
  },
  {
    what: "a lock that is over",
    table: "preservations",
    change: () => attack("UPDATE preservations SET locked_until = '2020-01-01'"),
    refused: async () => expect(preservation.ofCase(CASE)).rejects.toMatchObject({ code: "row_untrusted" }),
    named: "unsealed",
  },
  {
    what: "no hold any more",
    table: "holds",
    change: () => attack("DELETE FROM holds"),
    refused: async () => undefined,
    named: "missing",
  },
]

describe("somebody who took the database, and has no key", () => {
  it.each(attempts)(
    "makes $what for nothing: it is refused where it is used, and the log's check names it",
    async ({ table, change, refused, named }) => {
      expect(await verify()).toMatchObject({ ok: true })
      await whileTablesChanged(db, [table], {
        change,
        check: async () => {
          await refused()
          expect(await verify()).toMatchObject({ ok: false, row: { table, what: named } })
        },
      })
      expect(await verify()).toMatchObject({ ok: true })
    },
  )

  it("adds no event that verifies, and gives itself no role by one", async () => {
    const [last] = await attack("SELECT seq, hash, at, mac FROM events ORDER BY seq DESC LIMIT 1")
    const { seq, hash, at, mac } = last as { seq: string; hash: string; at: string; mac: string }
    const data = { subject: mallory.id, role: "administrator", requestedBy: boss.id, approvedBy: boss.id }
    const event = chainAuditEvent({ type: "role.granted", actor: boss.id, data }, at, { seq: Number(seq), hash })
    await attack(
      "INSERT INTO events (seq, at, type, actor, line, hash, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      event.seq,
      at,
      event.type,
      event.actor,
      toAuditLine(event).trimEnd(),
      event.hash,
      mac,
    )
    expect(await rolesOf(mallory)).not.toContain("administrator")
    expect(await verify()).toMatchObject({ ok: false, problem: { code: "event_unsealed", seq: event.seq } })
    await attack("DELETE FROM events WHERE seq = $1", event.seq)
    expect(await verify()).toMatchObject({ ok: true })
  })

  it("puts a role back by its old row, and is believed only where the events since are cut out too: a copy says so", async () => {
    const rows = await attack("SELECT * FROM person_roles WHERE person_id = $1 AND role = 'reporter'", mallory.id)
    const before = Number((await attack("SELECT max(seq) AS seq FROM events"))[0]?.["seq"])
    await staff.people.removeRole(await boss.actor(), mallory.id, "reporter")
    await sign()
    for (const row of rows) await putRowBack(db, "person_roles", row)
    expect(await rolesOf(mallory)).toEqual([])
    expect(await verify()).toMatchObject({ row: { table: "person_roles", what: "role" } })

    await attack("DELETE FROM events WHERE seq > $1", before)
    await attack("DELETE FROM event_checkpoints")
    expect(await rolesOf(mallory)).toContain("reporter")
    expect(await verify()).toMatchObject({ ok: true, unchangedThroughSeq: 0 })
    expect(await verifyWithCopy()).toMatchObject({ ok: false, problem: { code: "log_truncated", seq: before + 1 } })
    await expect(sign()).rejects.toMatchObject({ code: "audit_chain_broken" })
  })
})
