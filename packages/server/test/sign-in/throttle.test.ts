import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { networkOf } from "../../src/sign-in/throttle.ts"
import { countTry, forgetTries, takeTryBack } from "../../src/sign-in/throttle-store.ts"
import { useDatabase } from "../support/postgres.ts"
import { browser, hire, openStaff, PASSWORD, type Staff } from "../support/staff.ts"

const db = useDatabase()
let staff: Staff
beforeAll(async () => {
  staff = await openStaff(db.database)
})
afterAll(() => staff.app.close())

const attempt = (address: string, email: string, code = "000000", password = "not the password it is") =>
  browser(staff.app, address).call("POST", "/v1/sign-in", { email, password, code })

describe("throttling", () => {
  it("makes each failure wait longer, says how long, and never longer than a quarter of an hour", async () => {
    const waits: number[] = []
    for (let failures = 0; failures < 16; failures++) {
      let answer = await attempt("192.0.2.10", "slow@example.org")
      if (answer.statusCode === 429) {
        const seconds = Number(answer.headers["retry-after"])
        expect(answer.json()).toMatchObject({ type: "too_many_requests", retryAfterSeconds: seconds })
        waits.push(seconds)
        staff.clock.move(seconds * 1000 - 1)
        expect((await attempt("192.0.2.10", "slow@example.org")).statusCode).toBe(429)
        staff.clock.move(1)
        answer = await attempt("192.0.2.10", "slow@example.org")
      }
      expect(answer.statusCode).toBe(401)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].slice(0, waits.length))
    expect(waits.length).toBeGreaterThan(10)
  })

  it("never keeps the person out who comes from elsewhere with the right proof, or waits", async () => {
    const ada = await hire(staff)
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
    const [ada, eve] = [await hire(staff), await hire(staff)]
    const [own, theirs] = [browser(staff.app, "192.0.2.90"), browser(staff.app, "192.0.2.90")]
    const sign = (from: typeof own, who: typeof ada, password = PASSWORD) =>
      from.call("POST", "/v1/sign-in", { email: who.email, password, code: who.code() })
    expect((await sign(own, ada)).statusCode).toBe(200)
    expect((await sign(theirs, eve)).statusCode).toBe(200)
    const stranger = async () => {
      for (let at = 0; at < 5; at++) await attempt("192.0.2.90", ada.email)
      return (await attempt("192.0.2.90", ada.email)).statusCode
    }
    expect(await stranger()).toBe(429)
    expect((await sign(own, ada)).statusCode).toBe(200)
    // What another person's browser is known by says nothing of this person.
    expect(await stranger()).toBe(429)
    theirs.cookies.delete("nightlight")
    const body = { email: ada.email, password: PASSWORD, code: "000000" }
    expect((await theirs.call("POST", "/v1/sign-in", body)).statusCode).toBe(429)
    // A known browser waits for its own failures.
    const failures = []
    for (let at = 0; at < 5; at++) {
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
    expect(await countTry(kysely, "one-office", pace, later)).toEqual({ tries: 1 })
    expect(await countTry(kysely, "one-office", pace, earlier)).toEqual({ tries: 2 })
    await takeTryBack(kysely, "one-office")
    expect(await countTry(kysely, "one-office", pace, earlier)).toEqual({ tries: 2 })
    expect(await countTry(kysely, "one-office", pace, later)).toEqual({ tries: 3 })
    expect(await countTry(kysely, "one-office", pace, later)).toEqual({ tries: 4 })
    expect(await countTry(kysely, "one-office", pace, later)).toHaveProperty("waitUntil")
    await forgetTries(kysely, "one-office")
  })

  it("forgets failures after a success", async () => {
    const ada = await hire(staff)
    const tries = async () => {
      const answers = []
      for (let at = 0; at < 3; at++) answers.push((await attempt("192.0.2.14", ada.email)).statusCode)
      return answers
    }
    expect(await tries()).toEqual([401, 401, 401])
    expect((await attempt("192.0.2.14", ada.email, ada.code(), PASSWORD)).statusCode).toBe(200)
    expect(await tries()).toEqual([401, 401, 401])
  })

  it("slows an address that tries many accounts", async () => {
    const codes = []
    for (let at = 0; at < 70; at++) codes.push((await attempt("192.0.2.15", `spray-${at}@example.org`)).statusCode)
    expect(codes.slice(0, 60)).toEqual(Array(60).fill(401))
    expect(codes.slice(-5)).toContain(429)
  })

  it("raises one alarm for many failures of one account, from wherever they come", async () => {
    const ada = await hire(staff)
    for (let at = 0; at < 12; at++) await attempt(`192.0.2.${20 + at}`, ada.email)
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
