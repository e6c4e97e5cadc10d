import { createHash } from "node:crypto"
import { readdir } from "node:fs/promises"
import { asKey, makeInstallation } from "@nightlight/dev-env/server/intake"
import { makePusher, picture } from "@nightlight/dev-env/server/intake-site"
import { testCardPng } from "@nightlight/screening"
import sharp from "sharp"
import { beforeAll, describe, expect, it } from "vitest"
import { createScreenCounts } from "../../../src/intake/screen/screen-counts.ts"
import { forgetAnswers } from "../../../src/intake/screen/service.ts"
import { usePushingSource } from "../../support/pushing-source.ts"

const pushing = usePushingSource({ namesAccounts: true })

let clear: Uint8Array

beforeAll(async () => {
  clear = await picture(2)
})

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

async function ask(
  body: object,
  by = pushing.key,
  headers: Readonly<Record<string, string>> = {},
  of = pushing.installation,
) {
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
const rowsOf = async () => (await pushing.installation.rows()).filter((row) => row.source_id === pushing.source)

describe("screening one item", () => {
  it("answers every verdict in one form: same status, same headers, one member", async () => {
    const digest = createHash("sha256").update(pushing.known).digest("hex")
    const answers = [
      await ask(image(pushing.known)),
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
    await pushing.installation.work()
  })

  it("takes a picture as it is, too", async () => {
    const answer = await pushing.installation.app.inject({
      method: "POST",
      url: "/v1/screen/image",
      headers: { ...asKey(pushing.key), "content-type": "application/octet-stream" },
      payload: Buffer.from(pushing.known),
    })
    expect([answer.statusCode, answer.json()]).toEqual([200, { decision: "quarantine" }])
    const empty = await pushing.installation.app.inject({
      method: "POST",
      url: "/v1/screen/image",
      headers: asKey(pushing.key),
    })
    expect(empty.statusCode).toBe(400)
    await pushing.installation.work()
    const own = (await rowsOf()).filter(({ origin, test_only }) => origin === "direct" && test_only === false)
    expect(own).toMatchObject([{ state: "verified", account_key: null }])
  })

  it("seals what matched, for the account that the operator's channel named, once for each account", async () => {
    const before = (await rowsOf()).length
    const files = async () =>
      (await readdir(pushing.site.evidenceDir, { recursive: true })).filter((name) => name.endsWith(".age")).length
    const filesBefore = await files()
    const turned = new Uint8Array(await sharp(pushing.known).flop().jpeg().toBuffer())
    for (const id of ["one", "two", "one"]) await ask({ ...image(turned), ...accountOf(id) })
    await pushing.installation.work()
    const rows = (await rowsOf()).slice(before)
    expect(rows).toMatchObject([
      { origin: "account", state: "verified", decision: "review", test_only: false },
      { origin: "account", state: "verified" },
    ])
    expect(rows[0]?.account_key).not.toBe(rows[1]?.account_key)
    expect(rows[0]?.account_key).toMatch(/^[0-9a-f]{64}$/)
    expect(await files()).toBe(filesBefore + 2)
    expect(await pushing.installation.cases.get(rows[0]!.case_id as never)).toMatchObject({ kind: "account" })
  })

  it("lets no key name an account unless its source may", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const plain = await pushing.installation.enrol(other, false)
    expect((await ask({ ...image(pushing.known), ...accountOf("victim") }, plain.key)).status).toBe(403)
    const unbound = pushing.installation.keyFor(undefined, "screen")
    expect((await ask({ ...image(pushing.known), ...accountOf("victim") }, unbound)).status).toBe(403)
    expect((await ask(image(pushing.known), unbound)).body).toEqual({ decision: "quarantine" })
    expect((await ask(image(pushing.known), pushing.installation.keyFor(plain.source, "findings:push"))).status).toBe(
      403,
    )
    await pushing.installation.work()
    const [row] = (await pushing.installation.rows()).filter((received) => received.source_id === unbound)
    expect(row).toMatchObject({ origin: "direct", account_key: null, state: "verified" })
  })

  it("keeps the context alone where custody is locate, but for test cards", async () => {
    const located = await makeInstallation(pushing.site, pushing.db, { custody: { mode: "locate", basis: null } })
    const own = located.keyFor(undefined, "screen")
    await ask(image(pushing.known), own, {}, located)
    await ask(image(testCardPng(2)), own, {}, located)
    await located.work()
    const rows = (await located.rows()).filter((row) => row.source_id === own)
    expect(rows).toMatchObject([
      { content: false, state: "verified", test_only: false },
      { content: true, state: "verified", test_only: true },
    ])
    await located.close()
  })

  it("gives a repeated call its first answer, and refuses the key for anything else", async () => {
    const headers = { "idempotency-key": "call-1" }
    expect((await ask(image(clear), pushing.key, headers)).body).toEqual({ decision: "clear" })
    await pushing.site.importListOf(
      [{ hashType: "md5", hash: createHash("md5").update(clear).digest("hex"), category: "x" }],
      {
        name: "new",
      },
    )
    await pushing.installation.index.refresh()
    pushing.site.clock.move(1000)
    await pushing.installation.index.refresh()
    expect((await ask(image(clear), pushing.key, headers)).body).toEqual({ decision: "clear" })
    expect((await ask(image(clear), pushing.key)).body).toEqual({ decision: "review" })
    expect((await ask(image(pushing.known), pushing.key, headers)).status).toBe(409)
    expect((await ask(image(clear), pushing.installation.keyFor(undefined, "screen"), headers)).body).toEqual({
      decision: "review",
    })
    pushing.site.clock.move(25 * 3_600_000)
    await forgetAnswers(pushing.installation.deps)
    expect((await ask(image(clear), pushing.key, headers)).body).toEqual({ decision: "review" })
    expect((await ask(image(clear), pushing.key, { "idempotency-key": "\u00e9" })).status).toBe(400)
    await pushing.installation.work()
  })

  it("decides on text by a detector where the operator has one, and fails closed with it", async () => {
    const detecting = await makeInstallation(pushing.site, pushing.db, {
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
    const busy = await makeInstallation(pushing.site, pushing.db, { callsPerMinute: 5 })
    const own = busy.keyFor(undefined, "screen")
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) statuses.push((await ask({ kind: "text", text: "x" }, own, {}, busy)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect((await ask({ kind: "text", text: "x" }, busy.keyFor(undefined, "screen"), {}, busy)).status).toBe(200)
    pushing.site.clock.move(12_000)
    expect((await ask({ kind: "text", text: "x" }, own, {}, busy)).status).toBe(200)
    await busy.close()
  })

  it("throttles and tells of a caller that feels its way around a picture, matched or not", async () => {
    const prober = pushing.installation.keyFor(undefined, "screen")
    const statuses: number[] = []
    for (let n = 0; n < 24; n++) {
      // One picture's hash with one bit changed each time.
      const hash = (BigInt(`0x${"a5".repeat(32)}`) ^ (1n << BigInt(n * 3))).toString(16)
      statuses.push((await ask({ kind: "hash", pdq: { hash, quality: 90 } }, prober)).status)
    }
    expect(statuses).toEqual([...Array<number>(21).fill(200), 429, 429, 429])
    expect(await pushing.installation.alarms.list(true)).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "screen-probing", subject: prober })]),
    )
    const other = pushing.installation.keyFor(undefined, "screen")
    for (let n = 0; n < 30; n++) {
      const hash = createHash("sha256").update(`unrelated ${n}`).digest("hex")
      expect((await ask({ kind: "hash", pdq: { hash, quality: 90 } }, other)).status).toBe(200)
    }
    pushing.site.clock.move(16 * 60_000)
    expect((await ask({ kind: "text", text: "x" }, prober)).status).toBe(200)
  })

  it("tells of a caller that feels its way around an entry, hidden among many others within a high limit", async () => {
    const wide = await makeInstallation(pushing.site, pushing.db, { callsPerMinute: 1_000_000 })
    const prober = wide.keyFor(undefined, "screen")
    const ask = async (hash: string) => {
      const query = { kind: "hash", pdq: { hash, quality: 90 } } as const
      const none = new AbortController().signal
      return (await wide.screen.screen(wide.actors.get(prober)!, query, undefined, none)).decision
    }
    const entry = (await pushing.site.fingerprint(pushing.known)).picture!.views[0]!.pdq
    const near = (bit: number) => (BigInt(`0x${entry}`) ^ (1n << BigInt(bit))).toString(16).padStart(64, "0")
    for (let n = 0; n < 25; n++) {
      expect(await ask(near(n * 3))).toBe("review")
      for (let other = 0; other < 60; other++) await ask(createHash("sha256").update(`${n} ${other}`).digest("hex"))
    }
    expect(await wide.alarms.list(true)).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "screen-probing", subject: prober })]),
    )
    await wide.close()
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
    await pushing.installation.screen.flush()
    const counted = await pushing.installation.events({ type: "screens.counted", subject: pushing.source })
    const total = counted.reduce((sum, { data }) => sum + Number(data["quarantine"] ?? 0), 0)
    expect(total).toBeGreaterThan(0)
    expect(counted.some(({ data }) => data["matched"] === true)).toBe(true)
  })

  it("says in the log that nothing was held against a list where only texts were asked about", async () => {
    const counts = createScreenCounts({ db: pushing.db.database.kysely, clock: pushing.site.clock })
    counts.add("source-of-texts", "unscreened", false)
    await counts.flush()
    expect(await pushing.installation.events({ type: "screens.counted", subject: "source-of-texts" })).toMatchObject([
      { data: { unscreened: 1, matched: false } },
    ])
  })
})
