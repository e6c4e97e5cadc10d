import { generateKeyPairSync } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createSigningKey, openVerifier, publicKeyPath } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createSources } from "../../src/intake/sources/service.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { markRestored } from "../../src/oversight/restores/mark-restored.ts"
import { absentIfUntrusted } from "../../src/platform/authority/sealed-rows.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { passkeyId } from "../../src/staff/sign-in/passkeys/passkey-id.ts"
import { findPasskey, insertPasskey } from "../../src/staff/sign-in/passkeys/store.ts"
import { addMember, eventsAbout, found, type Member, openStaff, type Staff } from "../support/staff.ts"
import { asSuperuser } from "../support/superuser.ts"

const dir = await mkdtemp(join(tmpdir(), "nightlight-ended-"))
afterAll(() => rm(dir, { recursive: true, force: true }))
await createSigningKey(join(dir, "key.pem"))
const verifier = await openVerifier(publicKeyPath(join(dir, "key.pem")))

const db = useDatabase()
let staff: Staff
let boss: Member
let other: Member
beforeAll(async () => {
  staff = await openStaff(db.database, { areRolesApproved: true })
  const both = await found(staff)
  boss = both.first
  other = both.second
})
afterAll(() => staff.app.close())

const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))
const verify = () => verifyDatabase(db.database.kysely, { verifier })
const tokenOf = ({ browser }: Member) => [...browser.cookies.values()][0] ?? ""
const sessionOf = (token: string) => staff.signIn.sessions.authenticate(token)

/** Takes rows away, or spoils their codes, and gives what puts them back as they were. */
async function take(how: Away, table: string, where: string, ...values: readonly unknown[]) {
  const rows = await attack(`SELECT * FROM ${table} WHERE ${where}`, ...values)
  expect(rows.length).toBeGreaterThan(0)
  const remove = () => attack(`DELETE FROM ${table} WHERE ${where}`, ...values)
  if (how === "deleted") await remove()
  else await attack(`UPDATE ${table} SET mac = 'spoiled' WHERE ${where}`, ...values)
  return async () => {
    await remove()
    for (const row of rows) {
      await attack(`INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, $1)`, JSON.stringify(row))
    }
  }
}
type Away = "deleted" | "spoiled"
const AWAYS = [["deleted"], ["spoiled"]] as const satisfies readonly (readonly [Away])[]

describe("a stolen session whose row is away while its person's sessions are ended", () => {
  const ways: readonly (readonly [string, Away, (ada: Member) => Promise<unknown>])[] = AWAYS.flatMap(([how]) => [
    [
      "changes the password",
      how,
      async (ada) => staff.signIn.local.changePassword(await ada.actor(), "another good password"),
    ] as const,
    [
      "is reset by two",
      how,
      async (ada) => {
        const asker = await other.actor()
        const approval = await transact(staff, other.id, (tx) =>
          staff.approvals.request(tx, asker, "credentials.reset", ada.id, {}),
        )
        await staff.approvals.approve(await boss.actor(), approval.id)
      },
    ] as const,
    ["is deactivated", how, async (ada) => staff.people.deactivate(await boss.actor(), ada.id)] as const,
    ["works on a database that is restored", how, () => markRestored(staff, { id: "backup-x" })] as const,
  ])
  it.each(ways)("is nobody's when the person %s, and it (%s) is put back", async (_what, how, end) => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const token = tokenOf(ada)
    expect(await sessionOf(token)).toMatchObject({ id: ada.id })
    const putBack = await take(how, "sessions", "person_id = $1", ada.id)
    await end(ada)
    await putBack()
    expect(await sessionOf(token)).toBeUndefined()
    await attack("DELETE FROM sessions WHERE person_id = $1", ada.id)
  })

  it("is named by audit verify when it is put back", async () => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const putBack = await take("deleted", "sessions", "person_id = $1", ada.id)
    await staff.signIn.local.changePassword(await ada.actor(), "another good password")
    expect(await verify()).toMatchObject({ ok: true })
    await putBack()
    expect(await verify()).toMatchObject({ ok: false, row: { table: "sessions", what: "ended" } })
    await attack("DELETE FROM sessions WHERE person_id = $1", ada.id)
  })

  it("is nobody's when its person's row was away at the restore", async () => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const token = tokenOf(ada)
    const putBack = await take("spoiled", "sessions", "person_id = $1", ada.id)
    const [{ mac } = { mac: "" }] = (await attack("SELECT mac FROM people WHERE id = $1", ada.id)) as { mac: string }[]
    await attack("UPDATE people SET mac = 'spoiled' WHERE id = $1", ada.id)
    await markRestored(staff, { id: "backup-x" })
    await attack("UPDATE people SET mac = $2 WHERE id = $1", ada.id, mac)
    await putBack()
    expect(await sessionOf(token)).toBeUndefined()
    await attack("DELETE FROM sessions WHERE person_id = $1", ada.id)
  })

  it("is nobody's when it alone was ended meanwhile", async () => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const token = tokenOf(ada)
    const session = (await sessionOf(token))?.session ?? ""
    const putBack = await take("deleted", "sessions", "id = $1", session)
    await staff.signIn.sessions.end(await ada.actor(), session)
    await putBack()
    expect(await sessionOf(token)).toBeUndefined()
    await attack("DELETE FROM sessions WHERE person_id = $1", ada.id)
    await expect(staff.signIn.sessions.end(await ada.actor(), session)).rejects.toMatchObject({ code: "not_found" })
    await expect(staff.signIn.sessions.end(await boss.actor(), session)).rejects.toMatchObject({ code: "not_found" })
  })
})

it("the session in which somebody changes their password goes on, also a second time, and new ones begin", async () => {
  const ada = await addMember(staff, "reviewer")
  await ada.signIn()
  const token = tokenOf(ada)
  const other = await staff.signIn.local.signIn(
    ada.email,
    { password: "correct horse battery", code: ada.code() },
    { address: "198.51.100.9", device: undefined, turn: undefined },
  )
  for (const password of ["another good password", "yet another good password"]) {
    const session = (await sessionOf(token))?.session ?? ""
    await staff.signIn.local.changePassword({ ...(await ada.actor()), session }, password)
    expect(await sessionOf(token)).toMatchObject({ id: ada.id })
    expect(await sessionOf(other.token)).toBeUndefined()
  }
  const next = await transact(staff, ada.id, (tx) =>
    staff.signIn.sessions.start(tx, ada.id, { method: "local", proved: true }),
  )
  expect(await sessionOf(next.token)).toMatchObject({ id: ada.id })
  expect(await verify()).toMatchObject({ ok: true })
})

describe.each(AWAYS)("what is taken away while its row is %s stays away when it is put back:", (how) => {
  const admit = (id: string) => absentIfUntrusted(staff.people.access(id))

  it("a service's key", async () => {
    const made = await staff.keys.make(await boss.actor(), { name: "p", scopes: ["screen"], expiresInDays: 9 })
    const putBack = await take(how, "service_keys", "id = $1", made.key.id)
    await staff.keys.revoke(await boss.actor(), made.key.id)
    await expect(staff.keys.revoke(await boss.actor(), made.key.id)).rejects.toMatchObject({ code: "state_conflict" })
    await putBack()
    expect(await staff.keys.authenticate(made.token)).toBeUndefined()
    expect(await eventsAbout(staff, made.key.id)).toEqual(["key.made", "key.revoked"])
  })

  it("a source", async () => {
    const sources = createSources(staff)
    const pem = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString()
    const { source } = await sources.enrol(await boss.actor(), { name: "lab", publicKey: pem, namesAccounts: false })
    const putBack = await take(how, "sources", "source_id = $1", source)
    expect(await sources.revoke(await boss.actor(), source)).toMatchObject({ source, revokedAt: expect.any(String) })
    await putBack()
    expect(await sources.isLive(source)).toBe(false)
    expect(await eventsAbout(staff, source)).toEqual(["source.enrolled", "source.revoked"])
  })

  it("a role", async () => {
    const ada = await addMember(staff, "reviewer", "reporter")
    const putBack = await take(how, "person_roles", "person_id = $1 AND role = 'reporter'", ada.id)
    await staff.people.removeRole(await boss.actor(), ada.id, "reporter")
    await putBack()
    expect((await admit(ada.id))?.roles.has("reporter") ?? false).toBe(false)
    expect(await eventsAbout(staff, ada.id)).toContain("role.removed")
  })

  it("a role of a person whose own row is", async () => {
    const ada = await addMember(staff, "reviewer", "reporter")
    await attack("UPDATE people SET mac = 'spoiled' WHERE id = $1", ada.id)
    await staff.people.removeRole(await boss.actor(), ada.id, "reporter")
    expect(await eventsAbout(staff, ada.id)).toContain("role.removed")
  })

  it.each(["alone", "with all of theirs"])("a passkey, removed %s", async (which) => {
    const ada = await addMember(staff, "reviewer")
    const credentialId = `${how}${which.length}`
    const passkey = { credentialId, personId: ada.id, publicKey: "AAAA", name: "key", counter: 0 }
    await transact(staff, ada.id, async ({ trx, record }) => {
      await insertPasskey(trx, { ...passkey, madeAt: staff.clock.now() })
      record({ type: "passkey.added", subject: ada.id, data: { passkey: passkeyId(credentialId) } })
    })
    const { passkeys } = staff.signIn
    const putBack = await take("deleted", "passkeys", "person_id = $1", ada.id)
    if (which === "alone") await passkeys.remove(await ada.actor(), credentialId)
    else await transact(staff, boss.id, (tx) => passkeys.removeAllIn(tx, ada.id))
    await putBack()
    await expect(findPasskey(staff.db, credentialId)).rejects.toMatchObject({ code: "row_untrusted" })
  })

  it("a person", async () => {
    const ada = await addMember(staff, "reviewer")
    const rows = await attack("SELECT mac FROM people WHERE id = $1", ada.id)
    await attack("UPDATE people SET mac = 'spoiled' WHERE id = $1", ada.id)
    await staff.people.deactivate(await boss.actor(), ada.id)
    await attack("UPDATE people SET mac = $2 WHERE id = $1", ada.id, (rows[0] as { readonly mac: string }).mac)
    expect(await admit(ada.id)).toBeUndefined()
    await expect(staff.people.deactivate(await boss.actor(), "person-x")).rejects.toMatchObject({ code: "not_found" })
  })
})
