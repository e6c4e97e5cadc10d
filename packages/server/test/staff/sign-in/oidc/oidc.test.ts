import { randomUUID } from "node:crypto"
import { type LinkOpening, linkOpening, type SigningKey, signDocument } from "@nightlight/contract/custodian"
import { createDatabase, useDatabase } from "@nightlight/dev-env/database/postgres"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import { type Issuer, openIssuer } from "@nightlight/dev-env/simulators/issuer"
import { Client } from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { PersonId } from "../../../../src/platform/auth/actor.ts"
import { readEvents } from "../../../../src/platform/events/read.ts"
import { transact } from "../../../../src/platform/events/transact.ts"
import { SYSTEM_SETUP } from "../../../../src/staff/people/types.ts"
import { resetCredentials } from "../../../../src/staff/sign-in/joining/reset.ts"
import { openEnrolments } from "../../../support/custody.ts"
import { untilWaiting } from "../../../support/held-row.ts"
import { type Browser, browser, codeFor, eventsAbout, openStaff, type Staff } from "../../../support/staff.ts"

const CALLBACK = "http://localhost/sign-in/callback"
const db = useDatabase()
const enrolments = openEnrolments()
const passkey = new SoftAuthenticator({ rpId: "localhost", origin: "http://localhost" })
let issuer: Issuer
let staff: Staff
beforeAll(async () => {
  issuer = await openIssuer(CALLBACK)
  staff = await openStaff(db.database, {
    custodian: { enrol: async () => undefined, ...enrolments.custodian },
    // The provider's clock is the machine's.
    clock: movingClock(new Date().toISOString()),
    providers: [
      { id: "corp", label: "Company", issuer: issuer.url, clientId: "nightlight", clientSecret: issuer.clientSecret },
    ],
  })
})
afterAll(async () => {
  await staff.app.close()
  await issuer.stop()
})

/** Somebody with an invitation that waits; gives its token. */
async function invite(): Promise<{ id: string; email: string; token: string }> {
  const email = `${randomUUID()}@example.org`
  return transact(staff, SYSTEM_SETUP, async (tx) => {
    const id = await staff.people.create(tx, { name: "Somebody", email, by: SYSTEM_SETUP })
    const { url } = await staff.signIn.links.make(tx, { kind: "invitation", personId: id, by: SYSTEM_SETUP })
    return { id, email, token: url.split("#")[1] ?? "" }
  })
}
const start = async (own: Browser, url: string, body: object) =>
  (await own.call("POST", url, { issuer: "corp", ...body })).json<{ redirectTo: string }>().redirectTo
const finish = (own: Browser, query: string) => own.call("POST", "/v1/sign-in/oidc/finish", { query })

/** Invited, and bound to a login of the provider. */
async function join(login: string) {
  const { id, email, token } = await invite()
  const [own, there] = [browser(staff.app), issuer.open()]
  const { query } = await there.visit(
    await start(own, "/v1/join/oidc", { token, oneTimeCode: await codeFor(staff, token) }),
    login,
  )
  const answer = await finish(own, query)
  return { id, email, login, own, there, answer }
}
async function signIn({ own, there, login }: Awaited<ReturnType<typeof join>>) {
  const { query } = await there.visit(await start(own, "/v1/sign-in/oidc", {}), login)
  return finish(own, query)
}

describe("single sign-on", () => {
  it("binds an invited person, and signs them in from then on", async () => {
    const ada = await join("ada")
    expect(ada.answer.json()).toEqual({ purpose: "join", personId: ada.id })
    expect(ada.own.cookies.size).toBe(0)
    expect((await signIn(ada)).json()).toEqual({ purpose: "sign-in", personId: ada.id })
    const me = await ada.own.call("GET", "/v1/me")
    expect(me.json()).toMatchObject({ id: ada.id, session: { method: "oidc" } })
    expect(me.json<{ session: object }>().session).not.toHaveProperty("steppedUpUntil")
    expect(await eventsAbout(staff, ada.id)).toContain("credentials.set")
  })

  it("lets nobody in who was never invited, whatever their e-mail address at the issuer", async () => {
    const invited = await invite()
    const [own, there] = [browser(staff.app), issuer.open()]
    const { query } = await there.visit(await start(own, "/v1/sign-in/oidc", {}), invited.email)
    expect((await finish(own, query)).json()).toMatchObject({ type: "unauthenticated" })
    expect(own.cookies.has("nightlight")).toBe(false)
  })

  it("starts no session by a login that a reset takes away at the same time", async () => {
    const { id, own, there, login } = await join("reset-login")
    const { query } = await there.visit(await start(own, "/v1/sign-in/oidc", {}), login)
    const writer = new Client(db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // Holds the log's lock, so that the reset cannot commit before the login was looked up.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const { people, signIn: on } = staff
    const deps = { people, links: on.links, sessions: on.sessions }
    const reset = transact(staff, SYSTEM_SETUP, (tx) =>
      resetCredentials(deps, tx, id as PersonId, { by: SYSTEM_SETUP }),
    )
    await untilWaiting(db.superuser, 1)
    const both = Promise.all([finish(own, query), reset])
    await untilWaiting(db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    const [answer] = await both
    expect(answer.json()).toMatchObject({ type: "unauthenticated" })
    expect(await on.sessions.list(id)).toEqual([])
  })

  it("is bound anew after a reset by the person's enrolled key, once", async () => {
    const { id, own, answer } = await join("before-the-reset")
    expect(answer.statusCode).toBe(200)
    const { privateKey } = await enrolments.enrol(id, undefined, passkey)
    const { url } = await transact(staff, "person-1", (tx) =>
      resetCredentials({ ...staff, ...staff.signIn }, tx, id as PersonId, { by: "person-1" }),
    )
    const token = url.split("#")[1] ?? ""
    const { key } = (await own.call("POST", "/v1/join/key", { token })).json<{
      key: LinkOpening & { challenge: string }
    }>()
    const { challenge, person, link, nonce, issuedAt } = key
    const opening = linkOpening({ person, link, nonce, issuedAt })
    const signed = async (by: SigningKey) => ({ challenge, signature: await signDocument(opening, by) })
    const begin = (proof: object) => own.call("POST", "/v1/join/oidc", { issuer: "corp", token, key: proof })
    expect((await begin(await signed(privateKey))).statusCode).toBe(403)
    const proof = await signed(passkey.signer())
    const { redirectTo } = (await begin(proof)).json<{ redirectTo: string }>()
    const { query } = await issuer.open().visit(redirectTo, "behind-the-reset")
    expect((await finish(own, query)).json()).toEqual({ purpose: "join", personId: id })
    const [opened] = await readEvents(staff.db, { subject: id, types: ["link.opened"], order: "newest", limit: 1 })
    expect(opened?.data).toMatchObject({ link, by: "passkey" })
    expect((await begin(proof)).statusCode).toBe(404)
    const again = await issuer.open().visit(await start(own, "/v1/sign-in/oidc", {}), "before-the-reset")
    expect((await finish(own, again.query)).statusCode).toBe(401)
  })

  it("is one person's alone", async () => {
    await join("shared-login")
    const second = await join("shared-login")
    expect(second.answer.json()).toMatchObject({ type: "state_conflict" })
    expect(await staff.people.access(second.id)).toBeUndefined()
  })

  it("uses an invitation once, and not before the browser is back", async () => {
    const { id, token } = await invite()
    const [own, other, there] = [browser(staff.app), browser(staff.app), issuer.open()]
    const oneTimeCode = await codeFor(staff, token)
    const first = await there.visit(await start(own, "/v1/join/oidc", { token, oneTimeCode }), "once")
    const second = await issuer.open().visit(await start(other, "/v1/join/oidc", { token, oneTimeCode }), "twice")
    expect((await finish(own, first.query)).json()).toEqual({ purpose: "join", personId: id })
    expect((await finish(other, second.query)).json()).toMatchObject({ type: "not_found" })
    const again = await own.call("POST", "/v1/join/oidc", { issuer: "corp", token, oneTimeCode })
    expect(again.json()).toMatchObject({ type: "not_found" })
  })

  it("ends only in the browser that began it, once", async () => {
    const ada = await join("cross")
    const attacker = browser(staff.app)
    await start(attacker, "/v1/sign-in/oidc", {})
    const { query } = await ada.there.visit(await start(ada.own, "/v1/sign-in/oidc", {}), ada.login)
    const flow = ada.own.cookies.get("nightlight-oidc") ?? ""
    expect((await finish(attacker, query)).json()).toMatchObject({ type: "unauthenticated" })
    expect((await finish(browser(staff.app), query)).json()).toMatchObject({ type: "unauthenticated" })
    expect((await finish(ada.own, query)).statusCode).toBe(200)
    ada.own.cookies.set("nightlight-oidc", flow)
    expect((await finish(ada.own, query)).json()).toMatchObject({ type: "unauthenticated" })
  })

  it("takes no altered cookie, and none that is older than ten minutes", async () => {
    const ada = await join("late")
    const { query } = await ada.there.visit(await start(ada.own, "/v1/sign-in/oidc", {}), ada.login)
    const flow = ada.own.cookies.get("nightlight-oidc") ?? ""
    ada.own.cookies.set("nightlight-oidc", `${flow.slice(0, 40)}${flow[40] === "A" ? "B" : "A"}${flow.slice(41)}`)
    expect((await finish(ada.own, query)).statusCode).toBe(401)
    ada.own.cookies.set("nightlight-oidc", flow)
    staff.clock.move(600_001)
    expect((await finish(ada.own, query)).statusCode).toBe(401)
    staff.clock.move(-600_001)
    ada.own.cookies.set("nightlight-oidc", flow)
    expect((await finish(ada.own, query)).statusCode).toBe(200)
  })

  it("lets nobody in who was deactivated", async () => {
    const ada = await join("leaver")
    await transact(staff, "system-test", (tx) => staff.people.deactivateIn(tx, ada.id))
    expect((await signIn(ada)).statusCode).toBe(401)
  })

  it("refuses what the issuer refused, and answers for an issuer that nobody configured", async () => {
    const own = browser(staff.app)
    await start(own, "/v1/sign-in/oidc", {})
    expect((await finish(own, "error=access_denied&error_description=canary")).body).not.toContain("canary")
    expect((await own.call("POST", "/v1/sign-in/oidc", { issuer: "elsewhere" })).statusCode).toBe(404)
    expect((await own.call("GET", "/v1/sign-in")).json()).toMatchObject({ issuers: [{ id: "corp", name: "Company" }] })
  })
})

describe("a step-up by single sign-on", () => {
  it("makes the issuer ask anew, and proves the session", async () => {
    const ada = await join("careful")
    await signIn(ada)
    const { query, wasPrompted } = await ada.there.visit(await start(ada.own, "/v1/step-up/oidc", {}), ada.login)
    expect(wasPrompted).toBe(true)
    expect((await finish(ada.own, query)).json()).toEqual({ purpose: "step-up", personId: ada.id })
    expect((await ada.own.call("GET", "/v1/me")).json()).toHaveProperty("session.steppedUpUntil")
  })

  it.each([
    ["says nothing of when it asked", undefined],
    ["says that it was before", "3600"],
  ])("is not one where the issuer answered from a session of its own and %s", async (_what, maxAge) => {
    const ada = await join(`hasty-${maxAge}`)
    await signIn(ada)
    staff.clock.move(60_000)
    const url = new URL(await start(ada.own, "/v1/step-up/oidc", {}))
    if (maxAge === undefined) url.searchParams.delete("max_age")
    else url.searchParams.set("max_age", maxAge)
    url.searchParams.delete("prompt")
    const { query, wasPrompted } = await ada.there.visit(url.href, ada.login)
    expect(wasPrompted).toBe(false)
    expect((await finish(ada.own, query)).json()).toMatchObject({ type: "unauthenticated" })
    expect((await ada.own.call("GET", "/v1/me")).json<{ session: object }>().session).not.toHaveProperty(
      "steppedUpUntil",
    )
    staff.clock.move(-60_000)
  })

  it("is not one by somebody else", async () => {
    const [ada, eve] = [await join("owner"), await join("other")]
    await signIn(ada)
    const { query } = await eve.there.visit(await start(ada.own, "/v1/step-up/oidc", {}), eve.login)
    expect((await finish(ada.own, query)).json()).toMatchObject({ type: "unauthenticated" })
  })

  it("needs a session", async () => {
    const own = browser(staff.app)
    expect((await own.call("POST", "/v1/step-up/oidc", { issuer: "corp" })).statusCode).toBe(401)
  })
})

describe("set-up by single sign-on", () => {
  it("makes the first administrator and invites the second, where passwords do not sign in at all", async () => {
    const empty = await createDatabase()
    const { providers } = staff.signIn
    const own = await openStaff(empty.database, { providers, passwords: false, clock: staff.clock })
    const link = await own.signIn.joining.createSetupLink()
    const both = { name: "First", email: "first@example.org", second: { name: "Second", email: "second@example.org" } }
    const [page, there, token] = [browser(own.app), issuer.open(), link?.url.split("#")[1] ?? ""]
    const local = await page.call("POST", "/v1/setup", { token, password: "correct horse battery", ...both })
    expect(local.json()).toMatchObject({ type: "forbidden" })
    const { query } = await there.visit(await start(page, "/v1/setup/oidc", { token, ...both }), "founder")
    const done = await finish(page, query)
    expect(done.json()).toMatchObject({ purpose: "setup", second: { url: expect.stringContaining("/join#") } })
    const again = await there.visit(await start(page, "/v1/sign-in/oidc", {}), "founder")
    expect((await finish(page, again.query)).statusCode).toBe(200)
    expect((await page.call("GET", "/v1/me")).json()).toMatchObject({ roles: ["administrator"] })
    const late = await page.call("POST", "/v1/setup/oidc", { issuer: "corp", token, ...both })
    expect(late.json()).toMatchObject({ type: "not_found" })
    await own.app.close()
    await empty.drop()
  })
})

describe("an issuer that does not answer", () => {
  it("is said to be unavailable, and asked again the next time", async () => {
    await using gone = await openIssuer(CALLBACK)
    const own = await openStaff(db.database, {
      providers: [
        { id: "corp", label: "Company", issuer: gone.url, clientId: "nightlight", clientSecret: gone.clientSecret },
        { id: "plain", label: "Plain", issuer: "http://issuer.example", clientId: "nightlight" },
      ],
    })
    await gone.stop()
    const call = (id: string) => browser(own.app).call("POST", "/v1/sign-in/oidc", { issuer: id })
    expect((await call("corp")).json()).toMatchObject({ type: "unavailable", status: 503 })
    expect((await call("corp")).statusCode).toBe(503)
    // Plain http is spoken on loopback alone; nothing is sent.
    expect((await call("plain")).statusCode).not.toBe(200)
    await own.app.close()
  })
})
