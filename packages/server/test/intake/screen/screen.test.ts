import { createHash } from "node:crypto"
import { readdir } from "node:fs/promises"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { asKey, type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import { makePusher, makeSite, type Pusher, picture, type Site } from "@nightlight/dev-env/server/intake-site"
import { testCardPng } from "@nightlight/screening"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createScreenCounts } from "../../../src/intake/screen/screen-counts.ts"
import { forgetAnswers } from "../../../src/intake/screen/service.ts"

const db = useDatabase()
let site: Site
let installation: Installation
let pusher: Pusher
let source: string
let key: string
let known: Uint8Array
let clear: Uint8Array

beforeAll(async () => {
  site = await makeSite()
  known = await picture(1)
  clear = await picture(2)
  await site.list(await site.recordsOf(known))
  installation = await makeInstallation(site, db)
  pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
  ;({ source, key } = await installation.enrol(pusher, true))
})
afterAll(async () => {
  await installation?.close()
  await pusher?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

async function ask(body: object, by = key, headers: Readonly<Record<string, string>> = {}, of = installation) {
  const answer = await of.app.inject({
    method: "POST",
    url: "/v1/screen",
    headers: { ...asKey(by), ...headers },
    payload: body,
  })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

const image = (bytes: Uint8Array) => ({ kind: "image", base64: base64(bytes) })
const accountOf = (id: string) => ({ account: { id } })
const rowsOf = async () => (await installation.rows()).filter((row) => row.source_id === source)

describe("screening one item", () => {
  it("answers every verdict in one form: same status, same headers, one member", async () => {
    const digest = createHash("sha256").update(known).digest("hex")
    const answers = [
      await ask(image(known)),
      await ask(image(clear)),
      await ask(image(testCardPng(1))),
      await ask(image(Buffer.from("00ff17a29b3c00ff", "hex"))),
      await ask({ kind: "hash", sha256: digest }),
      await ask({ kind: "hash", sha256: "0".repeat(64) }),
      await ask({ kind: "text", text: "harmless words" }),
    ]
    expect(answers.map(({ body }) => body)).toEqual(
      ["quarantine", "clear", "quarantine", "inconclusive", "review", "clear", "unscreened"].map((decision) => ({
        decision,
      })),
    )
    const shapes = answers.map(({ status, headers }) => [status, Object.keys(headers).sort()])
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1)
    await installation.work()
  })

  it("also accepts a picture as raw bytes", async () => {
    const answer = await installation.app.inject({
      method: "POST",
      url: "/v1/screen/image",
      headers: { ...asKey(key), "content-type": "application/octet-stream" },
      payload: Buffer.from(known),
    })
    expect([answer.statusCode, answer.json()]).toEqual([200, { decision: "quarantine" }])
    const empty = await installation.app.inject({ method: "POST", url: "/v1/screen/image", headers: asKey(key) })
    expect(empty.statusCode).toBe(400)
    await installation.work()
    const own = (await rowsOf()).filter(({ origin, test_only }) => origin === "direct" && test_only === false)
    expect(own).toMatchObject([{ state: "taken", account_key: null }])
  })

  it("seals what matched, for the account that the operator's channel named, once for each account", async () => {
    const before = (await rowsOf()).length
    const files = async () => (await readdir(site.evidenceDir)).filter((name) => name.endsWith(".age")).length
    const filesBefore = await files()
    const turned = new Uint8Array(await sharp(known).flop().jpeg().toBuffer())
    for (const id of ["one", "two", "one"]) await ask({ ...image(turned), ...accountOf(id) })
    await installation.work()
    const rows = (await rowsOf()).slice(before)
    expect(rows).toMatchObject([
      { origin: "account", state: "taken", decision: "review", test_only: false },
      { origin: "account", state: "taken" },
    ])
    expect(rows[0]?.account_key).not.toBe(rows[1]?.account_key)
    expect(rows[0]?.account_key).toMatch(/^[0-9a-f]{64}$/)
    expect(await files()).toBe(filesBefore + 2)
    expect(await installation.cases.get(rows[0]!.case_id as never)).toMatchObject({ kind: "account" })
  })

  it("does not let a key name an account unless its source may", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const plain = await installation.enrol(other, false)
    expect((await ask({ ...image(known), ...accountOf("victim") }, plain.key)).status).toBe(403)
    const unbound = installation.keyFor(undefined, "screen")
    expect((await ask({ ...image(known), ...accountOf("victim") }, unbound)).status).toBe(403)
    expect((await ask(image(known), unbound)).body).toEqual({ decision: "quarantine" })
    expect((await ask(image(known), installation.keyFor(plain.source, "findings:push"))).status).toBe(403)
    await installation.work()
    const [row] = (await installation.rows()).filter((received) => received.source_id === unbound)
    expect(row).toMatchObject({ origin: "direct", account_key: null, state: "taken" })
  })

  it("stores only the context if custody is locate, except for test cards", async () => {
    const located = await makeInstallation(site, db, { custody: { mode: "locate", basis: null } })
    const own = located.keyFor(undefined, "screen")
    await ask(image(known), own, {}, located)
    await ask(image(testCardPng(2)), own, {}, located)
    await located.work()
    const rows = (await located.rows()).filter((row) => row.source_id === own)
    expect(rows).toMatchObject([
      { content: false, state: "taken", test_only: false },
      { content: true, state: "taken", test_only: true },
    ])
    await located.close()
  })

  it("gives a repeated call its first answer, and refuses the key for anything else", async () => {
    const headers = { "idempotency-key": "call-1" }
    expect((await ask(image(clear), key, headers)).body).toEqual({ decision: "clear" })
    await site.list([{ hashType: "md5", hash: createHash("md5").update(clear).digest("hex"), category: "x" }], {
      name: "new",
    })
    await installation.index.refresh()
    site.clock.move(1000)
    await installation.index.refresh()
    expect((await ask(image(clear), key, headers)).body).toEqual({ decision: "clear" })
    expect((await ask(image(clear), key)).body).toEqual({ decision: "review" })
    expect((await ask(image(known), key, headers)).status).toBe(409)
    expect((await ask(image(clear), installation.keyFor(undefined, "screen"), headers)).body).toEqual({
      decision: "review",
    })
    site.clock.move(25 * 3_600_000)
    await forgetAnswers(installation.deps)
    expect((await ask(image(clear), key, headers)).body).toEqual({ decision: "review" })
    expect((await ask(image(clear), key, { "idempotency-key": "\u00e9" })).status).toBe(400)
    await installation.work()
  })

  it("decides on text by the operator's detector, if there is one, and fails closed with it", async () => {
    const detecting = await makeInstallation(site, db, {
      classifyText: async (text) => {
        if (text.includes("breaks")) throw new Error("canary-from-a-detector")
        return [{ classifier: "words", label: "any", score: 0.1 }]
      },
    })
    const own = detecting.keyFor(undefined, "screen")
    expect((await ask({ kind: "text", text: "surrogate" }, own, {}, detecting)).body).toEqual({ decision: "clear" })
    expect((await ask({ kind: "text", text: "breaks" }, own, {}, detecting)).body).toEqual({ decision: "inconclusive" })
    await detecting.close()
  })

  it("limits how often a key calls", async () => {
    const busy = await makeInstallation(site, db, { callsPerMinute: 5 })
    const own = busy.keyFor(undefined, "screen")
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) statuses.push((await ask({ kind: "text", text: "x" }, own, {}, busy)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect((await ask({ kind: "text", text: "x" }, busy.keyFor(undefined, "screen"), {}, busy)).status).toBe(200)
    site.clock.move(12_000)
    expect((await ask({ kind: "text", text: "x" }, own, {}, busy)).status).toBe(200)
    await busy.close()
  })

  it("throttles and reports a caller that probes around a picture, matched or not", async () => {
    const prober = installation.keyFor(undefined, "screen")
    const statuses: number[] = []
    for (let n = 0; n < 24; n++) {
      // One picture's hash with one bit changed each time.
      const hash = (BigInt(`0x${"a5".repeat(32)}`) ^ (1n << BigInt(n * 3))).toString(16)
      statuses.push((await ask({ kind: "hash", pdq: { hash, quality: 90 } }, prober)).status)
    }
    expect(statuses).toEqual([...Array<number>(21).fill(200), 429, 429, 429])
    expect(await installation.alarms.list(true)).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "screen-probing", subject: prober })]),
    )
    const other = installation.keyFor(undefined, "screen")
    for (let n = 0; n < 30; n++) {
      const hash = createHash("sha256").update(`unrelated ${n}`).digest("hex")
      expect((await ask({ kind: "hash", pdq: { hash, quality: 90 } }, other)).status).toBe(200)
    }
    site.clock.move(16 * 60_000)
    expect((await ask({ kind: "text", text: "x" }, prober)).status).toBe(200)
  })

  it("refuses what it cannot parse", async () => {
    const bad = [
      { kind: "hash" },
      { kind: "hash", sha256: "ABC" },
      { kind: "image", base64: "###" },
      { kind: "video", base64: "" },
      { kind: "text", text: "x", account: { id: "1" } },
    ]
    for (const body of bad) expect((await ask(body)).status).toBe(400)
  })

  it("writes counts of decisions to the log, and no more", async () => {
    await installation.screen.flush()
    const counted = await installation.events({ type: "screens.counted", subject: source })
    const total = counted.reduce((sum, { data }) => sum + Number(data["quarantine"] ?? 0), 0)
    expect(total).toBeGreaterThan(0)
    expect(counted.some(({ data }) => data["matched"] === true)).toBe(true)
  })

  it("records in the log that nothing was compared with a list if only texts were screened", async () => {
    const counts = createScreenCounts({ db: db.database.kysely, clock: site.clock })
    counts.add("source-of-texts", "unscreened", false)
    await counts.flush()
    expect(await installation.events({ type: "screens.counted", subject: "source-of-texts" })).toMatchObject([
      { data: { unscreened: 1, matched: false } },
    ])
  })
})
