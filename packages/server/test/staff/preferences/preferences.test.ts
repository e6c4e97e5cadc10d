import type { ViewingPreferences } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseServerConfig } from "../../../src/platform/config/read.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { preferenceRoutes } from "../../../src/staff/preferences/routes.ts"
import { createPreferences, viewingFloorOf } from "../../../src/staff/preferences/service.ts"
import { createAuthenticate } from "../../../src/staff/sign-in/sessions/authenticate.ts"
import { testApp } from "../../support/app.ts"
import { whileHeld } from "../../support/held-row.ts"
import {
  addMember,
  type Browser,
  browser,
  eventsAbout,
  type Member,
  openStaff,
  type Staff,
} from "../../support/staff.ts"

const db = useDatabase()
const FLOOR: ViewingPreferences = { sizePx: 200, blurPx: 6, hideAfterSeconds: 8, greyscale: true }
const STRICT: ViewingPreferences = { sizePx: 128, blurPx: 12, hideAfterSeconds: 4, greyscale: true }

let staff: Staff
const apps: FastifyInstance[] = []
beforeAll(async () => {
  staff = await openStaff(db.database)
})
afterAll(async () => {
  for (const app of apps) await app.close()
  await staff.app.close()
})

/** A server of an organisation with this floor. */
async function serverWith(floor: ViewingPreferences): Promise<FastifyInstance> {
  const { signIn, keys } = staff
  const preferences = createPreferences({ db: staff.db, clock: staff.clock, floor })
  const app = await testApp({
    authenticate: createAuthenticate({ signIn, keys }),
    routes: (on) => preferenceRoutes(on, { preferences }),
  })
  apps.push(app)
  return app
}

async function signedIn(): Promise<Member> {
  const member = await addMember(staff)
  await member.signIn()
  return member
}

/** The person's own page on a server. */
function pageOn(app: FastifyInstance, { browser: { cookies } }: Member): Browser {
  const page = browser(app)
  for (const [name, value] of cookies) page.cookies.set(name, value)
  return page
}

const put = (page: Browser, body: object) => page.call("PUT", "/v1/me/preferences", body)
const get = async (page: Browser) => (await page.call("GET", "/v1/me/preferences")).json<object>()

describe("preferences", () => {
  it("are the organisation's own as long as nobody set anything", async () => {
    const page = pageOn(await serverWith(FLOOR), await signedIn())
    expect(await get(page)).toEqual({
      tourDone: false,
      theme: "system",
      viewing: FLOOR,
      floor: FLOOR,
      optOutCategories: [],
    })
  })

  it("change one by one: what is not named stays, and is each person's alone", async () => {
    const app = await serverWith(FLOOR)
    const [ada, bob] = [await signedIn(), await signedIn()]
    const page = pageOn(app, ada)
    expect((await put(page, { tourDone: true })).json()).toMatchObject({
      tourDone: true,
      theme: "system",
      viewing: FLOOR,
    })
    expect((await put(page, { theme: "dark" })).json()).toMatchObject({ tourDone: true, theme: "dark", viewing: FLOOR })
    const set = { tourDone: true, theme: "dark", viewing: STRICT, floor: FLOOR, optOutCategories: [] }
    expect((await put(page, { viewing: STRICT })).json()).toEqual(set)
    expect(await get(page)).toEqual(set)
    expect(await get(pageOn(app, bob))).toMatchObject({ tourDone: false, viewing: FLOOR })
  })

  it.each([
    ["larger", { ...STRICT, sizePx: 201 }],
    ["less blurred", { ...STRICT, blurPx: 5 }],
    ["for longer", { ...STRICT, hideAfterSeconds: 9 }],
  ])("never allow viewings %s than the organisation does: nothing is changed", async (_, viewing) => {
    const page = pageOn(await serverWith(FLOOR), await signedIn())
    await put(page, { viewing: STRICT })
    const answer = await put(page, { theme: "light", viewing })
    expect(answer.json()).toMatchObject({ type: "input_invalid", sizePx: 200, blurPx: 6, hideAfterSeconds: 8 })
    expect(await get(page)).toMatchObject({ theme: "system", viewing: STRICT })
    expect((await put(page, { viewing: FLOOR })).statusCode).toBe(200)
  })

  it.each([
    ["in colour", { ...STRICT, greyscale: false }],
    ["larger than anybody may", { ...STRICT, sizePx: 257 }],
    ["at next to nothing", { ...STRICT, sizePx: 95 }],
    ["for a moment", { ...STRICT, hideAfterSeconds: 1 }],
    ["in part", { sizePx: 128 }],
  ])("accept no viewing protection %s", async (_, viewing) => {
    const page = pageOn(await serverWith(FLOOR), await signedIn())
    expect((await put(page, { viewing })).json()).toMatchObject({ type: "input_invalid", status: 400 })
  })

  it("follow a floor that is raised later, at once, and are there again when it is lowered", async () => {
    const ada = await signedIn()
    const page = pageOn(await serverWith(FLOOR), ada)
    await put(page, { viewing: { ...STRICT, blurPx: 7 } })
    const raised = { ...FLOOR, blurPx: 10, hideAfterSeconds: 2 }
    const now = await get(pageOn(await serverWith(raised), ada))
    expect(now).toMatchObject({ viewing: { sizePx: 128, blurPx: 10, hideAfterSeconds: 2 }, floor: raised })
    expect(await get(page)).toMatchObject({ viewing: { ...STRICT, blurPx: 7 } })
  })

  it("are an event when they change, and only then", async () => {
    const ada = await signedIn()
    const page = pageOn(await serverWith(FLOOR), ada)
    const before = (await eventsAbout(staff, ada.id)).length
    await put(page, {})
    await put(page, { tourDone: false, theme: "system" })
    expect(await eventsAbout(staff, ada.id)).toHaveLength(before)
    await put(page, { viewing: STRICT })
    await put(page, { viewing: STRICT })
    const [event, ...more] = await readEvents(staff.db, { subject: ada.id, type: "preferences.set" })
    expect(more).toEqual([])
    expect(event).toMatchObject({ actor: ada.id, data: { tourDone: false, theme: "system", viewing: STRICT } })
  })

  it("store the categories that somebody is not given, and the log records how many, not which", async () => {
    const ada = await signedIn()
    const page = pageOn(await serverWith(FLOOR), ada)
    const set = await put(page, { optOutCategories: ["a1", "canary-category"] })
    expect(set.json()).toMatchObject({ optOutCategories: ["a1", "canary-category"] })
    await put(page, { theme: "dark" })
    expect(await get(page)).toMatchObject({ optOutCategories: ["a1", "canary-category"], theme: "dark" })
    const events = await readEvents(staff.db, { subject: ada.id, type: "preferences.set" })
    expect(events[0]?.data).toMatchObject({ optOutCategories: 2 })
    expect(JSON.stringify(events)).not.toContain("canary-category")
    expect((await put(page, { optOutCategories: ["two words"] })).json()).toMatchObject({ type: "input_invalid" })
    await put(page, { optOutCategories: [] })
    expect(await get(page)).toMatchObject({ optOutCategories: [] })
  })

  it("keep both of two changes that come at once", async () => {
    const ada = await signedIn()
    const page = pageOn(await serverWith(FLOOR), ada)
    await put(page, { theme: "light" })
    const calls = [() => put(page, { tourDone: true }), () => put(page, { viewing: STRICT })]
    await whileHeld(db.superuser, { table: "preferences", id: ada.id, column: "person_id" }, calls)
    expect(await get(page)).toMatchObject({ tourDone: true, theme: "light", viewing: STRICT })
  })

  it("need a signed-in person", async () => {
    const page = browser(await serverWith(FLOOR))
    expect((await page.call("GET", "/v1/me/preferences")).statusCode).toBe(401)
  })
})

describe("viewing in server.yaml", () => {
  it("is the floor: as large, as sharp and as long as it says, in black and white", () => {
    const floorOf = (text: string) => viewingFloorOf(parseServerConfig(`version: 1\n${text}`))
    expect(floorOf("")).toEqual({ sizePx: 256, blurPx: 0, hideAfterSeconds: 10, greyscale: true })
    expect(floorOf("viewing: {maxSizePx: 96, minBlurPx: 24, maxSeconds: 2}")).toEqual({
      sizePx: 96,
      blurPx: 24,
      hideAfterSeconds: 2,
      greyscale: true,
    })
  })

  it.each(["maxSizePx: 257", "minBlurPx: -1", "maxSeconds: 11", "greyscale: false"])("refuses %s", (line) => {
    expect(() => parseServerConfig(`version: 1\nviewing:\n  ${line}\n`)).toThrow(/viewing/)
  })
})
