import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isApproved } from "../../src/filing/reports/filing/approval.ts"
import type { ReportId } from "../../src/filing/reports/types.ts"
import { createSources } from "../../src/intake/sources/service.ts"
import { absentIfUntrusted } from "../../src/platform/authority/sealed-rows.ts"
import { watchRows } from "../../src/platform/authority/watch-rows.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { newToken, tokenDigest } from "../../src/platform/secrets/tokens.ts"
import { addMember, found, type Member, openStaff, PASSWORD, type Staff } from "../support/staff.ts"
import { asSuperuser } from "../support/superuser.ts"

const db = useDatabase()
let staff: Staff
let boss: Member
let reviewer: Member
beforeAll(async () => {
  staff = await openStaff(db.database)
  watchRows(staff, staff.alarms)
  boss = (await found(staff)).first
  reviewer = await addMember(staff, "reviewer")
  await reviewer.signIn()
})
afterAll(() => staff.app.close())

/** Runs statements as somebody who took over the database. */
const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))

const sessionOf = async (token: string) => staff.signIn.sessions.authenticate(token)
const tokenOf = ({ browser }: Member) => [...browser.cookies.values()][0] ?? ""

describe("a session that somebody without the key", () => {
  it("wrote into the database signs nobody in, and raises an alarm", async () => {
    const token = newToken()
    const id = `session-${randomUUID()}`
    await attack(
      `INSERT INTO sessions (id, token_sha256, person_id, method, started_at, seen_at, expires_at, proved_at, mac)
       SELECT $1, $2, person_id, method, started_at, seen_at, expires_at, proved_at, mac FROM sessions
       WHERE person_id = $3 AND ended_at IS NULL LIMIT 1`,
      id,
      tokenDigest(token),
      boss.id,
    )
    expect(await sessionOf(token)).toBeUndefined()
    await expect
      .poll(async () => (await staff.alarms.list(true)).map(({ code, subject }) => [code, subject]))
      .toContainEqual(["row-untrusted", `sessions:${id}`])
  })

  it.each([
    ["gave to another person", "person_id = (SELECT id FROM people WHERE email = 'first@example.org')"],
    ["made to last for ever", "expires_at = '2999-01-01'"],
    ["stepped up", "proved_at = now()"],
    ["gave another token", `token_sha256 = '${tokenDigest("x")}'`],
  ])("%s is nobody's", async (what, set) => {
    await reviewer.signIn()
    const token = what.includes("token") ? "x".padEnd(43, "x") : tokenOf(reviewer)
    const digest = tokenDigest(tokenOf(reviewer))
    if (what.includes("token")) {
      await attack("UPDATE sessions SET token_sha256 = $2 WHERE token_sha256 = $1", digest, tokenDigest(token))
    } else await attack(`UPDATE sessions SET ${set} WHERE token_sha256 = $1`, digest)
    expect(await sessionOf(token)).toBeUndefined()
  })
})

describe("a service's key that somebody without the key", () => {
  const make = async () => {
    await boss.stepUp()
    const answer = await boss.browser.call("POST", "/v1/keys", { name: "p", scopes: ["screen"], expiresInDays: 9 })
    expect(answer.statusCode).toBe(201)
    return answer.json<{ token: string; key: { id: string } }>()
  }

  it("wrote into the database is no key", async () => {
    const { key } = await make()
    const token = `nlk_${randomBytes(32).toString("base64url")}`
    await attack(
      `INSERT INTO service_keys (id, name, token_sha256, scopes, source, calls_per_minute, made_by, made_at, expires_at, mac)
       SELECT 'key-false', name, $2, scopes, source, calls_per_minute, made_by, made_at, expires_at, mac FROM service_keys WHERE id = $1`,
      key.id,
      tokenDigest(token),
    )
    expect(await staff.keys.authenticate(token)).toBeUndefined()
    expect((await staff.keys.list()).map(({ id }) => id)).not.toContain("key-false")
  })

  it.each(["scopes = '{findings:push}'", "source = 'lab'", "calls_per_minute = 1000000", "expires_at = '2999-01-01'"])(
    "changed (%s) is no key any more",
    async (set) => {
      const { token, key } = await make()
      await attack(`UPDATE service_keys SET ${set} WHERE id = $1`, key.id)
      expect(await staff.keys.authenticate(token)).toBeUndefined()
    },
  )

  it("has the code of another swapped in is neither", async () => {
    const one = await make()
    const other = await make()
    await attack(
      `UPDATE service_keys SET mac = (SELECT o.mac FROM service_keys o WHERE o.id <> service_keys.id AND o.id IN ($1, $2))
       WHERE id IN ($1, $2)`,
      one.key.id,
      other.key.id,
    )
    for (const { token } of [one, other]) expect(await staff.keys.authenticate(token)).toBeUndefined()
  })
})

/** Remembers rows, to put them back later with their codes. */
async function remember(table: string, where: string, ...values: readonly unknown[]) {
  const rows = await attack(`SELECT * FROM ${table} WHERE ${where}`, ...values)
  expect(rows.length).toBeGreaterThan(0)
  return async () => {
    await attack(`DELETE FROM ${table} WHERE ${where}`, ...values)
    for (const row of rows) {
      await attack(`INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, $1)`, JSON.stringify(row))
    }
  }
}

const rolesOf = async ({ id }: Member) => [...((await absent(staff.people.access(id)))?.roles ?? [])]
const absent = absentIfUntrusted

describe("a person whom somebody without the key", () => {
  it("gave a role, by a row of another's, can do nothing at all", async () => {
    const ada = await addMember(staff, "reviewer")
    await attack(
      "INSERT INTO person_roles SELECT $1, role, granted_at, requested_by, approved_by, mac FROM person_roles WHERE person_id = $2",
      ada.id,
      boss.id,
    )
    expect(await rolesOf(ada)).toEqual([])
  })

  it("gave a role back that was taken away, by its old row, can do nothing at all", async () => {
    const ada = await addMember(staff, "reviewer", "reporter")
    const putBack = await remember("person_roles", "person_id = $1", ada.id)
    await staff.people.removeRole(await boss.actor(), ada.id, "reporter")
    expect(await rolesOf(ada)).toEqual(["reviewer"])
    await putBack()
    expect(await rolesOf(ada)).toEqual([])
  })

  it("took a role from, for another to fit, can do nothing at all", async () => {
    const ada = await addMember(staff, "reviewer")
    await attack("DELETE FROM person_roles WHERE person_id = $1", ada.id)
    expect(await rolesOf(ada)).toEqual([])
    await expect(staff.people.access(ada.id)).rejects.toMatchObject({ code: "row_untrusted" })
  })

  it.each(["email = 'x@example.org'", "trained_at = now(), renews_at = '2999-01-01'", "made_by = 'person-x'"])(
    "changed (%s) can do nothing at all",
    async (set) => {
      const ada = await addMember(staff, "reviewer")
      await attack(`UPDATE people SET ${set} WHERE id = $1`, ada.id)
      expect(await rolesOf(ada)).toEqual([])
    },
  )

  it("brought back after they were deactivated, by their old row, stays out", async () => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const token = tokenOf(ada)
    const putBack = await remember("people", "id = $1", ada.id)
    await staff.people.deactivate(await boss.actor(), ada.id)
    await putBack()
    expect(await rolesOf(ada)).toEqual([])
    expect(await sessionOf(token)).toBeUndefined()
    await expect(staff.people.access(ada.id)).rejects.toMatchObject({ code: "row_untrusted" })
  })

  it("untied from who invited them does not count as another", async () => {
    const ada = await addMember(staff, "reviewer")
    await transact(staff, boss.id, (tx) => staff.people.recordRelation(tx, boss.id, ada.id, "made"))
    expect(await staff.people.areIndependent(boss.id, ada.id)).toBe(false)
    await attack("DELETE FROM person_relations WHERE person_id = $1", ada.id)
    expect(await staff.people.areIndependent(boss.id, ada.id)).toBe(false)
  })

  it("gave their old password back after another one was set is not signed in by it", async () => {
    const ada = await addMember(staff, "reviewer")
    const putBack = await remember("credentials", "person_id = $1", ada.id)
    await ada.signIn()
    await staff.signIn.local.changePassword(await ada.actor(), "another good password")
    await putBack()
    expect((await ada.signIn()).statusCode).toBe(401)
  })

  it("gave another's password is not signed in by it", async () => {
    const ada = await addMember(staff, "reviewer")
    await attack(
      `UPDATE credentials SET (password, totp, mac) = (SELECT password, totp, mac FROM credentials WHERE person_id = $1)
       WHERE person_id = $2`,
      ada.id,
      boss.id,
    )
    expect(
      (await boss.browser.call("POST", "/v1/sign-in", { email: boss.email, password: PASSWORD, code: ada.code() }))
        .statusCode,
    ).toBe(401)
    boss = await addMember(staff, "administrator")
    await boss.signIn()
  })
})

describe("what was ended and is put back as it was, by somebody without the key,", () => {
  it("is a session: it stays ended", async () => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const token = tokenOf(ada)
    const putBack = await remember("sessions", "person_id = $1", ada.id)
    await transact(staff, ada.id, (tx) => staff.signIn.sessions.endAll(tx, ada.id))
    await putBack()
    expect(await sessionOf(token)).toBeUndefined()
  })

  it("is a service's key: it stays revoked", async () => {
    await boss.stepUp()
    const made = await boss.browser.call("POST", "/v1/keys", { name: "p", scopes: ["screen"], expiresInDays: 9 })
    const { token, key } = made.json<{ token: string; key: { id: string } }>()
    const putBack = await remember("service_keys", "id = $1", key.id)
    expect(await staff.keys.authenticate(token)).toBeDefined()
    await staff.keys.revoke(await boss.actor(), key.id)
    await putBack()
    expect(await staff.keys.authenticate(token)).toBeUndefined()
  })

  it("is a source: it stays revoked", async () => {
    const sources = createSources(staff)
    const { publicKey } = generateKeyPairSync("ed25519")
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString()
    const enrolled = await sources.enrol(await boss.actor(), { name: "lab", publicKey: pem, namesAccounts: false })
    const putBack = await remember("sources", "source_id = $1", enrolled.source)
    expect(await sources.isLive(enrolled.source)).toBe(true)
    await sources.revoke(await boss.actor(), enrolled.source)
    await putBack()
    expect(await sources.isLive(enrolled.source)).toBe(false)
    await attack("UPDATE sources SET names_accounts = true WHERE source_id = $1", enrolled.source)
    expect(await sources.isLive(enrolled.source)).toBe(false)
  })

  it("is an approval that was declined: nobody can approve it", async () => {
    const ada = await addMember(staff, "reviewer")
    const other = await addMember(staff, "administrator")
    const approval = await transact(staff, boss.id, async (tx) =>
      staff.approvals.request(tx, await boss.actor(), "role.grant", ada.id, { role: "reporter" }),
    )
    const putBack = await remember("approvals", "id = $1", approval.id)
    await staff.approvals.decline(await other.actor(), approval.id)
    await putBack()
    await expect(staff.approvals.approve(await other.actor(), approval.id)).rejects.toMatchObject({
      code: "row_untrusted",
    })
  })

  it("is a link that was used: it opens nothing", async () => {
    const { url, personId } = await transact(staff, "system-setup", async (tx) => {
      const id = await staff.people.create(tx, { name: "A", email: "again@example.org", by: "system-setup" })
      return { ...(await staff.signIn.links.make(tx, { kind: "invitation", personId: id, by: "x" })), personId: id }
    })
    const putBack = await remember("sign_in_links", "person_id = $1", personId)
    const token = url.slice(url.indexOf("#") + 1)
    await transact(staff, personId, (tx) => staff.signIn.links.use(tx, token, { by: "host-code" }))
    await putBack()
    await expect(staff.signIn.links.peek(token, "sent")).rejects.toMatchObject({ code: "not_found" })
  })
})

describe("an approval that waits, and that somebody without the key", () => {
  it.each([
    "requested_by = (SELECT id FROM people WHERE email = 'second@example.org')",
    "subject = 'person-x'",
    `payload = '{"role":"counsel"}'`,
  ])("changed (%s) is nothing that anybody can second", async (set) => {
    const ada = await addMember(staff, "reviewer")
    const other = await addMember(staff, "administrator")
    const approval = await transact(staff, boss.id, async (tx) =>
      staff.approvals.request(tx, await boss.actor(), "role.grant", ada.id, { role: "reporter" }),
    )
    await attack(`UPDATE approvals SET ${set} WHERE id = $1`, approval.id)
    await expect(staff.approvals.approve(await other.actor(), approval.id)).rejects.toMatchObject({
      code: "row_untrusted",
    })
  })
})

describe("a report that somebody without the key", () => {
  const id = "report-00000000-0000-4000-8000-000000000001" as ReportId
  const record = (type: string, by: string) => transact(staff, by, async (tx) => tx.record({ type, subject: id }))

  it("marks as approved, or as approved by another, is not filed", async () => {
    await attack(
      `INSERT INTO reports (id, case_id, kind, environment, state, content, prepared_by, created_at, approved_by, approved_at, proven, grant_id)
       VALUES ($1, 'case-1', 'training-data', 'production', 'approved', '', 'person-a', now(), 'person-b', now(), '', 'grant-1')`,
      id,
    )
    expect(await isApproved(staff.db, id)).toBe(false)
    await record("report.approved", "person-b")
    expect(await isApproved(staff.db, id)).toBe(true)
    await attack("UPDATE reports SET approved_by = 'person-c'")
    expect(await isApproved(staff.db, id)).toBe(false)
    await attack("UPDATE reports SET approved_by = 'person-b'")
    await record("report.withdrawn", "person-a")
    expect(await isApproved(staff.db, id)).toBe(false)
  })
})

// The last: nobody joins after it.
describe("set-up that somebody without the key takes back", () => {
  it("does not begin again", async () => {
    await attack("UPDATE setup SET first_id = NULL, second_id = NULL, complete_at = NULL, mac = ''")
    await expect(staff.signIn.joining.createSetupLink()).rejects.toMatchObject({ code: "row_untrusted" })
  })
})
