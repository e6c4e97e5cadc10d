import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { networkOf } from "../../../../src/platform/http/caller-limits.ts"
import { countAttempt, forgetTries, undoTry } from "../../../../src/staff/sign-in/throttle/store.ts"
import { addMember, browser, type Member, openStaff, PASSWORD, type Staff } from "../../../support/staff.ts"

const db = useDatabase()
let staff: Staff
beforeAll(async () => {
  staff = await openStaff(db.database)
})
afterAll(() => staff.app.close())

const attempt = (address: string, email: string, code = "000000", password = "not the password it is") =>
  browser(staff.app, address).call("POST", "/v1/sign-in", { email, password, code })
/** The code that somebody's authenticator shows now. */
const codeNow = ({ totp }: Member) => totp.generate({ timestamp: staff.clock.now().getTime() })

describe("throttling", () => {
  it("makes each failure wait longer, and says how long, at most ten seconds for a browser that keeps its turn", async () => {
    const waits: number[] = []
    const own = browser(staff.app, "192.0.2.10")
    const fail = () =>
      own.call("POST", "/v1/sign-in", { email: "slow@example.org", password: PASSWORD, code: "000000" })
    for (let failures = 0; failures < 14; failures++) {
      let answer = await fail()
      if (answer.statusCode === 429) {
        const seconds = Number(answer.headers["retry-after"])
        expect(answer.json()).toMatchObject({ type: "too_many_requests", retryAfterSeconds: seconds })
        waits.push(seconds)
        staff.clock.move(seconds * 1000)
        answer = await fail()
      }
      expect(answer.statusCode).toBe(401)
    }
    // From the fifth on its turn counts, with tries and waits of its own.
    expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 1])
  })

  it.each([
    ["keeps every turn and comes back when told", true],
    ["begins anew each time, every few seconds", false],
  ])(
    "lets nobody guess one account's password more than 250 times in a day from one address who %s",
    async (_, keeps) => {
      const address = keeps ? "192.0.2.70" : "192.0.2.71"
      let own = browser(staff.app, address)
      const until = staff.clock.now().getTime() + 86_400_000
      let guesses = 0
      while (staff.clock.now().getTime() < until) {
        if (!keeps) own = browser(staff.app, address)
        const body = { email: "guessed@example.org", password: PASSWORD, code: "000000" }
        const answer = await own.call("POST", "/v1/sign-in", body)
        if (answer.statusCode === 401) guesses++
        else staff.clock.move(keeps ? Number(answer.headers["retry-after"]) * 1000 : 450_000)
      }
      expect(guesses).toBeGreaterThan(10)
      expect(guesses).toBeLessThan(250)
    },
  )

  it("never holds a browser that waits longer than ten seconds, whoever floods its own account at its own address", async () => {
    const ada = await addMember(staff)
    const flood = async () => {
      for (let index = 0; index < 20; index++) await attempt("192.0.2.72", ada.email)
    }
    const own = browser(staff.app, "192.0.2.72")
    const sign = () => own.call("POST", "/v1/sign-in", { email: ada.email, password: PASSWORD, code: codeNow(ada) })
    staff.clock.move(60_000)
    await flood()
    const refused = await sign()
    expect(refused.statusCode).toBe(429)
    expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(10)
    for (let second = 0; second < 10; second++) {
      staff.clock.move(1_000)
      await flood()
    }
    expect((await sign()).statusCode).toBe(200)
  })

  it("never holds a new browser nor a known one, whatever accounts are tried at its address 20 times a second", async () => {
    const [ada, bob] = [await addMember(staff), await addMember(staff)]
    const addressOf = "192.0.2.73"
    const known = browser(staff.app, addressOf)
    const sign = (from: typeof known, who: typeof ada) =>
      from.call("POST", "/v1/sign-in", { email: who.email, password: PASSWORD, code: who.code() })
    expect((await sign(known, bob)).statusCode).toBe(200)
    for (let second = 0; second < 10; second++) {
      await Promise.all(Array.from({ length: 20 }, (_, n) => attempt(addressOf, `flood-${second}-${n}@example.org`)))
      staff.clock.move(1_000)
    }
    for (let tries = 0; tries < 5; tries++) await attempt(addressOf, bob.email)
    expect((await sign(known, bob)).statusCode).toBe(200)
    expect((await sign(browser(staff.app, addressOf), ada)).statusCode).toBe(200)
  })

  it("takes no turn of another account, and none that was altered", async () => {
    const ada = await addMember(staff)
    const addressOf = "192.0.2.74"
    const other = browser(staff.app, addressOf)
    for (let tries = 0; tries < 5; tries++) {
      await other.call("POST", "/v1/sign-in", { email: "other@example.org", password: PASSWORD, code: "000000" })
      await attempt(addressOf, ada.email)
    }
    expect(other.cookies.has("nightlight-turn")).toBe(true)
    for (let tries = 0; tries < 10; tries++) {
      staff.clock.move(9_000)
      await attempt(addressOf, ada.email)
    }
    const sign = () => other.call("POST", "/v1/sign-in", { email: ada.email, password: PASSWORD, code: codeNow(ada) })
    expect((await sign()).statusCode).toBe(429)
    other.cookies.set("nightlight-turn", "AAAA")
    expect((await sign()).statusCode).toBe(429)
  })

  it("keeps no password waiting for guesses that lack the code", async () => {
    const costly = await openStaff(db.database, { passwordLogN: 15 })
    const ada = await addMember(costly)
    const guesses = Array.from({ length: 200 }, (_, index) =>
      browser(costly.app, `198.51.100.${index}`).call("POST", "/v1/sign-in", {
        email: index % 2 === 0 ? ada.email : `nobody-${index}@example.org`,
        password: PASSWORD,
        code: "000000",
      }),
    )
    // More at once than may wait for a password's hash.
    expect((await Promise.all(guesses)).filter(({ statusCode }) => statusCode !== 401)).toEqual([])
    expect((await ada.signIn()).statusCode).toBe(200)
    await costly.app.close()
  })

  it("never keeps the person out who comes from elsewhere with the right proof, or waits", async () => {
    const ada = await addMember(staff)
    for (let failures = 0; failures < 12; failures++) {
      await attempt("192.0.2.11", ada.email)
      staff.clock.move(900_000)
    }
    await attempt("192.0.2.11", ada.email)
    expect((await attempt("192.0.2.11", ada.email, ada.code(), PASSWORD)).statusCode).toBe(429)
    expect((await attempt("192.0.2.12", ada.email, ada.code(), PASSWORD)).statusCode).toBe(200)
    staff.clock.move(900_000)
    expect((await attempt("192.0.2.11", ada.email, ada.code(), PASSWORD)).statusCode).toBe(200)
  })

  it("lets in who signed in from this browser before, whatever a stranger does at the same address", async () => {
    const [ada, eve] = [await addMember(staff), await addMember(staff)]
    const [own, theirs] = [browser(staff.app, "192.0.2.90"), browser(staff.app, "192.0.2.90")]
    const sign = (from: typeof own, who: typeof ada, password = PASSWORD) =>
      from.call("POST", "/v1/sign-in", { email: who.email, password, code: who.code() })
    expect((await sign(own, ada)).statusCode).toBe(200)
    expect((await sign(theirs, eve)).statusCode).toBe(200)
    const stranger = async () => {
      for (let index = 0; index < 5; index++) await attempt("192.0.2.90", ada.email)
      return (await attempt("192.0.2.90", ada.email)).statusCode
    }
    expect(await stranger()).toBe(429)
    expect((await sign(own, ada)).statusCode).toBe(200)
    // The cookie that identifies another person's browser does not count for this person.
    expect(await stranger()).toBe(429)
    theirs.cookies.delete("nightlight")
    const body = { email: ada.email, password: PASSWORD, code: "000000" }
    expect((await theirs.call("POST", "/v1/sign-in", body)).statusCode).toBe(429)
    // A known browser waits for its own failures.
    const failures = []
    for (let index = 0; index < 5; index++) {
      failures.push((await own.call("POST", "/v1/sign-in", { ...body, password: "wrong" })).statusCode)
    }
    expect(failures).toEqual([401, 401, 401, 401, 429])
  })

  it("lets no more through when many try at once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt("192.0.2.13", "parallel@example.org")))
    const tried = answers.filter(({ statusCode }) => statusCode === 401)
    expect(tried.length).toBeLessThanOrEqual(4)
    expect(answers.filter(({ statusCode }) => statusCode === 429).length).toBe(20 - tried.length)
  })

  it("lets through who came a moment earlier than one that was counted before", async () => {
    const pace = { free: 3, longestSeconds: 900, forgetSeconds: 3600 }
    const [earlier, later] = [new Date("2026-11-24T10:00:00.000Z"), new Date("2026-11-24T10:00:00.005Z")]
    const { kysely } = db.database
    expect(await countAttempt(kysely, "one-office", pace, later)).toEqual({ tries: 1 })
    expect(await countAttempt(kysely, "one-office", pace, earlier)).toEqual({ tries: 2 })
    await undoTry(kysely, "one-office")
    expect(await countAttempt(kysely, "one-office", pace, earlier)).toEqual({ tries: 2 })
    expect(await countAttempt(kysely, "one-office", pace, later)).toEqual({ tries: 3 })
    expect(await countAttempt(kysely, "one-office", pace, later)).toEqual({ tries: 4 })
    expect(await countAttempt(kysely, "one-office", pace, later)).toHaveProperty("waitUntil")
    await forgetTries(kysely, "one-office")
  })

  it("forgets failures after a success", async () => {
    const ada = await addMember(staff)
    const tries = async () => {
      const answers = []
      for (let index = 0; index < 3; index++) answers.push((await attempt("192.0.2.14", ada.email)).statusCode)
      return answers
    }
    expect(await tries()).toEqual([401, 401, 401])
    expect((await attempt("192.0.2.14", ada.email, ada.code(), PASSWORD)).statusCode).toBe(200)
    expect(await tries()).toEqual([401, 401, 401])
  })

  it("leaves an address that tries many accounts one try of each without a wait", async () => {
    const codes = async (email: string) => [
      (await attempt("192.0.2.15", email)).statusCode,
      (await attempt("192.0.2.15", email)).statusCode,
      (await attempt("192.0.2.15", email)).statusCode,
    ]
    expect(await codes("spray-first@example.org")).toEqual([401, 401, 401])
    for (let index = 0; index < 60; index++) await attempt("192.0.2.15", `spray-${index}@example.org`)
    expect(await codes("spray-last@example.org")).toEqual([401, 401, 429])
  })

  it("raises one alarm for many failures of one account, from wherever they come", async () => {
    const ada = await addMember(staff)
    for (let index = 0; index < 12; index++) await attempt(`192.0.2.${20 + index}`, ada.email)
    const alarms = (await staff.alarms.list(true)).filter(({ subject }) => subject === ada.id)
    expect(alarms).toMatchObject([{ code: "sign-in-failures", times: 3 }])
    expect((await ada.signIn()).statusCode).toBe(200)
  })

  it("keeps neither addresses nor accounts", async () => {
    const rows = await staff.db.selectFrom("sign_in_throttles").select("key").execute()
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ key }) => !/^[0-9a-f]{64}$/.test(key))).toEqual([])
  })
})

describe("networkOf", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8:0:0::"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2::"],
    ["::1", "0:0:0:0::"],
    ["fe80::1%eth0", "fe80:0:0:0::"],
  ])("takes %s as %s", (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
