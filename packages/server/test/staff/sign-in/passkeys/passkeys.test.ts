import { signInChallenge } from "@nightlight/contract/custodian"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { type CeremonyChange, SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { transact } from "../../../../src/platform/events/transact.ts"
import { resetCredentials } from "../../../../src/staff/sign-in/joining/reset.ts"
import { CHALLENGE_MINUTES } from "../../../../src/staff/sign-in/passkeys/passkeys.ts"
import { relyingPartyOf } from "../../../../src/staff/sign-in/passkeys/relying-party.ts"
import {
  addMember,
  type Browser,
  browser,
  eventsAbout,
  type Member,
  openStaff,
  type Staff,
} from "../../../support/staff.ts"
import { asSuperuser } from "../../../support/superuser.ts"

const db = useDatabase()
let staff: Staff
beforeAll(async () => {
  staff = await openStaff(db.database)
})
afterAll(() => staff.app.close())

const PARTY = { rpId: "localhost", origin: "http://localhost" }

const answerOf = ({ authenticatorData, clientData }: { authenticatorData: Buffer; clientData: Buffer }) => ({
  authenticatorData: authenticatorData.toString("base64url"),
  clientData: clientData.toString("base64url"),
})

/** Somebody with a passkey. */
async function hireWithPasskey(): Promise<{ readonly ada: Member; readonly passkey: SoftAuthenticator }> {
  const ada = await addMember(staff, "reviewer")
  await ada.signIn()
  const passkey = new SoftAuthenticator(PARTY)
  const added = await addPasskey(ada, passkey)
  if (added.statusCode !== 200) throw new Error(`expected it to be added: ${added.body}`)
  return { ada, passkey }
}

async function addPasskey(ada: Member, passkey: SoftAuthenticator, altered: CeremonyChange = {}) {
  const { nonce } = (await ada.browser.call("POST", "/v1/me/passkeys/start")).json<{ nonce: string }>()
  const made = passkey.create(await signInChallenge(nonce), altered)
  return ada.browser.call("POST", "/v1/me/passkeys", { name: "Security key", ...answerOf(made) })
}

async function assertion(passkey: SoftAuthenticator, nonce: string, altered: CeremonyChange = {}) {
  const given = passkey.get(await signInChallenge(nonce), altered)
  return {
    credentialId: passkey.credentialId,
    ...answerOf(given),
    signature: given.signature.toString("base64url"),
  }
}

async function start(from: Browser, url = "/v1/sign-in/passkey/start"): Promise<string> {
  return (await from.call("POST", url)).json<{ nonce: string }>().nonce
}

async function signIn(from: Browser, passkey: SoftAuthenticator, altered: CeremonyChange = {}) {
  return from.call("POST", "/v1/sign-in/passkey", await assertion(passkey, await start(from), altered))
}

let strangers = 0
const stranger = (address = `203.0.113.${++strangers}`) => browser(staff.app, address)

describe("signing in by passkey", () => {
  it("signs its person in, proven, with a session that says so", async () => {
    const { ada, passkey } = await hireWithPasskey()
    const own = stranger()
    const answer = await signIn(own, passkey)
    expect(answer.json()).toMatchObject({ personId: ada.id, session: { method: "passkey" } })
    expect(answer.json()).toHaveProperty("session.steppedUpUntil")
    expect((await own.call("GET", "/v1/me")).json()).toMatchObject({ id: ada.id })
    expect(await eventsAbout(staff, ada.id)).toEqual(expect.arrayContaining(["passkey.added", "session.started"]))
  })

  it("is refused with the same words whatever is wrong", async () => {
    const { passkey } = await hireWithPasskey()
    const refused = { statusCode: 401 }
    const changes: readonly CeremonyChange[] = [
      { client: { challenge: "AAAA" } },
      { client: { origin: "https://evil.example" } },
      { client: { type: "webauthn.create" } },
      { client: { crossOrigin: true } },
      { rpId: "evil.example" },
      { flags: 0x01 },
    ]
    const words = new Set<string>()
    for (const altered of changes) {
      const answer = await signIn(stranger(), passkey, altered)
      expect(answer).toMatchObject(refused)
      words.add(answer.json<{ title: string }>().title)
    }
    const unknown = await signIn(stranger(), new SoftAuthenticator(PARTY))
    expect(unknown).toMatchObject(refused)
    expect(words.add(unknown.json<{ title: string }>().title).size).toBe(1)
    expect(await signIn(stranger(), passkey)).toMatchObject({ statusCode: 200 })
  })

  it("takes a challenge once, from the browser that asked for it, while it is fresh", async () => {
    const { ada, passkey } = await hireWithPasskey()
    const own = stranger()
    const nonce = await start(own)
    const cookies = new Map(own.cookies)
    const body = await assertion(passkey, nonce, { counter: 0 })

    const other = stranger()
    await start(other)
    expect(await other.call("POST", "/v1/sign-in/passkey", body)).toMatchObject({ statusCode: 401 })
    expect(await stranger().call("POST", "/v1/sign-in/passkey", body)).toMatchObject({ statusCode: 401 })
    expect(await own.call("POST", "/v1/sign-in/passkey", body)).toMatchObject({ statusCode: 200 })
    const replay = stranger()
    for (const [name, value] of cookies) replay.cookies.set(name, value)
    expect(await replay.call("POST", "/v1/sign-in/passkey", body)).toMatchObject({ statusCode: 401 })

    const late = await start(own)
    staff.clock.move((CHALLENGE_MINUTES * 60 + 1) * 1000)
    expect(await own.call("POST", "/v1/sign-in/passkey", await assertion(passkey, late))).toMatchObject({
      statusCode: 401,
    })
    await ada.signIn()
  })

  it("lets one of two answers at once in", async () => {
    const { passkey } = await hireWithPasskey()
    const own = stranger()
    const nonce = await start(own)
    const cookies = new Map(own.cookies)
    const body = await assertion(passkey, nonce, { counter: 0 })
    const answers = await Promise.all(
      [1, 2, 3].map(() => {
        const twin = stranger("203.0.113.9")
        for (const [name, value] of cookies) twin.cookies.set(name, value)
        return twin.call("POST", "/v1/sign-in/passkey", body)
      }),
    )
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
  })

  it("refuses a counter that went back, and raises an alarm: somebody may hold a copy", async () => {
    const { ada, passkey } = await hireWithPasskey()
    expect(await signIn(stranger(), passkey, { counter: 9 })).toMatchObject({ statusCode: 200 })
    for (const counter of [9, 8, 0]) {
      expect(await signIn(stranger(), passkey, { counter })).toMatchObject({ statusCode: 401 })
    }
    expect(await staff.alarms.list(true)).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "passkey-counter", subject: ada.id, times: 3 })]),
    )
    expect(await signIn(stranger(), passkey, { counter: 10 })).toMatchObject({ statusCode: 200 })
  })

  it("is refused for a signature that was given to step up or to make a passkey, and the reverse", async () => {
    const { ada, passkey } = await hireWithPasskey()
    const stepUp = await start(ada.browser, "/v1/step-up/passkey/start")
    expect(await ada.browser.call("POST", "/v1/sign-in/passkey", await assertion(passkey, stepUp))).toMatchObject({
      statusCode: 401,
    })
    const forSignIn = await start(ada.browser)
    expect(await ada.browser.call("POST", "/v1/step-up/passkey", await assertion(passkey, forSignIn))).toMatchObject({
      statusCode: 401,
    })
  })

  it("is refused over the server's bytes themselves, so that no grant's digest can be passed off as them", async () => {
    const { passkey } = await hireWithPasskey()
    const own = stranger()
    const nonce = await start(own)
    const given = passkey.get(Buffer.from(nonce, "base64url"))
    const body = {
      credentialId: passkey.credentialId,
      ...answerOf(given),
      signature: given.signature.toString("base64url"),
    }
    expect(await own.call("POST", "/v1/sign-in/passkey", body)).toMatchObject({ statusCode: 401 })
  })

  it("waits like any sign-in after failures", async () => {
    const { passkey } = await hireWithPasskey()
    const from = stranger("198.51.100.77")
    const codes: number[] = []
    for (let tries = 0; tries < 6; tries++) codes.push((await signIn(from, passkey, { flags: 0x01 })).statusCode)
    expect(codes).toContain(429)
  })

  it("ends with a reset and with deactivation", async () => {
    const { ada, passkey } = await hireWithPasskey()
    await transact(staff, "system:test", (tx) =>
      resetCredentials({ ...staff.signIn, people: staff.people }, tx, ada.id, { by: "system:test" }),
    )
    expect(await signIn(stranger(), passkey)).toMatchObject({ statusCode: 401 })
    expect(
      await db.database.kysely.selectFrom("passkeys").where("person_id", "=", ada.id).selectAll().execute(),
    ).toEqual([])
  })

  it("is refused for a passkey that was removed, or reset away, and put back into the database as it was", async () => {
    const row = async (id: string) =>
      db.database.kysely.selectFrom("passkeys").where("credential_id", "=", id).selectAll().executeTakeFirstOrThrow()
    const putBack = async (kept: Awaited<ReturnType<typeof row>>) =>
      asSuperuser(db, (superuser) =>
        superuser.run(
          `INSERT INTO passkeys (credential_id, person_id, public_key, name, counter, made_at, used_at, mac)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          kept.credential_id,
          kept.person_id,
          kept.public_key,
          kept.name,
          kept.counter,
          kept.made_at,
          kept.used_at,
          kept.mac,
        ),
      )
    const { ada, passkey } = await hireWithPasskey()
    const kept = await row(passkey.credentialId)
    await ada.browser.call("DELETE", `/v1/me/passkeys/${passkey.credentialId}`)
    await putBack(kept)
    expect(await signIn(stranger(), passkey)).toMatchObject({ statusCode: 401 })

    const { ada: ben, passkey: other } = await hireWithPasskey()
    const before = await row(other.credentialId)
    await transact(staff, "system:test", (tx) =>
      resetCredentials({ ...staff.signIn, people: staff.people }, tx, ben.id, { by: "system:test" }),
    )
    await putBack(before)
    expect(await signIn(stranger(), other)).toMatchObject({ statusCode: 401 })
  })

  it("is refused for a row that somebody wrote into the database", async () => {
    const { ada, passkey } = await hireWithPasskey()
    const thief = new SoftAuthenticator(PARTY)
    await asSuperuser(db, (superuser) =>
      superuser.run(
        "UPDATE passkeys SET public_key = $1 WHERE credential_id = $2",
        thief.publicKey,
        passkey.credentialId,
      ),
    )
    const stolen = { ...(await assertion(thief, await start(ada.browser))), credentialId: passkey.credentialId }
    expect(await ada.browser.call("POST", "/v1/sign-in/passkey", stolen)).toMatchObject({ statusCode: 401 })
  })
})

describe("proving oneself again by passkey", () => {
  it("is as good as password and code, and for the caller's own passkeys alone", async () => {
    const { ada, passkey } = await hireWithPasskey()
    const { passkey: foreign } = await hireWithPasskey()
    staff.clock.move(11 * 60_000)
    expect(await ada.browser.call("POST", "/v1/me/passkeys/start")).toMatchObject({ statusCode: 403 })
    const nonce = await start(ada.browser, "/v1/step-up/passkey/start")
    expect(await ada.browser.call("POST", "/v1/step-up/passkey", await assertion(foreign, nonce))).toMatchObject({
      statusCode: 401,
    })
    const again = await start(ada.browser, "/v1/step-up/passkey/start")
    const proved = await ada.browser.call("POST", "/v1/step-up/passkey", await assertion(passkey, again))
    expect(proved.json()).toHaveProperty("steppedUpUntil")
    expect(await ada.browser.call("POST", "/v1/me/passkeys/start")).toMatchObject({ statusCode: 200 })
  })
})

describe("the caller's passkeys", () => {
  it("are listed, renamed and removed, and a removed one signs nobody in", async () => {
    const { ada, passkey } = await hireWithPasskey()
    const { credentialId } = passkey
    const list = async () => (await ada.browser.call("GET", "/v1/me/passkeys")).json()
    expect(await list()).toMatchObject({ mayMake: true, passkeys: [{ credentialId, name: "Security key" }] })
    expect(await ada.browser.call("PUT", `/v1/me/passkeys/${credentialId}`, { name: "Key on my ring" })).toMatchObject({
      statusCode: 200,
    })
    const { ada: other } = await hireWithPasskey()
    for (const [method, body] of [
      ["PUT", { name: "Mine now" }],
      ["DELETE", undefined],
    ] as const) {
      expect(await other.browser.call(method, `/v1/me/passkeys/${credentialId}`, body)).toMatchObject({
        statusCode: 404,
      })
    }
    expect(await list()).toMatchObject({ passkeys: [{ name: "Key on my ring" }] })
    expect(await ada.browser.call("DELETE", `/v1/me/passkeys/${credentialId}`)).toMatchObject({ statusCode: 200 })
    expect(await list()).toMatchObject({ passkeys: [] })
    expect(await signIn(stranger(), passkey)).toMatchObject({ statusCode: 401 })
  })

  it("are made after a step-up, over a challenge of this very session, by a verified person", async () => {
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    for (const altered of [{ flags: 0x41 }, { client: { origin: "https://evil.example" } }, { rpId: "evil.example" }]) {
      expect(await addPasskey(ada, new SoftAuthenticator(PARTY), altered)).toMatchObject({ statusCode: 400 })
    }
    const passkey = new SoftAuthenticator(PARTY)
    const nonce = await start(ada.browser, "/v1/me/passkeys/start")
    const cookies = new Map(ada.browser.cookies)
    const body = { name: "Twice", ...answerOf(passkey.create(await signInChallenge(nonce))) }
    expect(await ada.browser.call("POST", "/v1/me/passkeys", body)).toMatchObject({ statusCode: 200 })
    for (const [name, value] of cookies) ada.browser.cookies.set(name, value)
    expect(await ada.browser.call("POST", "/v1/me/passkeys", body)).toMatchObject({ statusCode: 401 })
    expect(await addPasskey(ada, passkey)).toMatchObject({ statusCode: 409 })

    const eve = await addMember(staff, "reviewer")
    await eve.signIn()
    await start(eve.browser, "/v1/me/passkeys/start")
    for (const [name, value] of cookies) if (name.includes("passkey")) eve.browser.cookies.set(name, value)
    expect(await eve.browser.call("POST", "/v1/me/passkeys", body)).toMatchObject({ statusCode: 401 })
  })
})

describe("where passkeys are used", () => {
  it("is the first host name of the origins, and never an address of numbers", () => {
    const of = (...origins: string[]) => relyingPartyOf(origins)
    expect(of("https://nightlight.example")).toEqual({
      rpId: "nightlight.example",
      origins: ["https://nightlight.example"],
    })
    expect(of("http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080")).toEqual({
      rpId: "localhost",
      origins: ["http://localhost:8080"],
    })
    expect(of("https://192.0.2.7", "http://127.0.0.1:8080", "http://intranet")).toBeUndefined()
    expect(of("https://a.example", "https://b.a.example", "https://b.example")?.origins).toEqual([
      "https://a.example",
      "https://b.a.example",
    ])
  })
})
