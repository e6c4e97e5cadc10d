import { randomBytes, randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { watchRows } from "../../src/authority/watch-rows.ts"
import { newToken, tokenDigest } from "../../src/secrets/tokens.ts"
import { useDatabase } from "../support/postgres.ts"
import { found, hire, type Member, openStaff, type Staff } from "../support/staff.ts"
import { asSuperuser } from "../support/superuser.ts"

const db = useDatabase()
let staff: Staff
let boss: Member
let reviewer: Member
beforeAll(async () => {
  staff = await openStaff(db.database)
  watchRows(staff, staff.alarms)
  boss = (await found(staff)).first
  reviewer = await hire(staff, "reviewer")
  await reviewer.signIn()
})
afterAll(() => staff.app.close())

/** Runs statements as whoever took the database. */
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
      `INSERT INTO service_keys (id, name, token_sha256, scopes, source, made_by, made_at, expires_at, mac)
       SELECT 'key-false', name, $2, scopes, source, made_by, made_at, expires_at, mac FROM service_keys WHERE id = $1`,
      key.id,
      tokenDigest(token),
    )
    expect(await staff.keys.authenticate(token)).toBeUndefined()
    expect((await staff.keys.list()).map(({ id }) => id)).not.toContain("key-false")
  })

  it.each(["scopes = '{findings:push}'", "source = 'lab'", "expires_at = '2999-01-01'"])(
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
