import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { EXCHANGE_KINDS, type Exchange } from "../../src/index.ts"
import {
  type NcmecCommand,
  NcmecSimulator,
  type NcmecSimulatorOptions,
  type ServedExchange,
  type SimulatedAnswer,
  type SimulatedEntry,
  serveExchange,
} from "../../src/simulators/index.ts"
import { hashOf } from "../support.ts"
import { Reader, StoppedClock } from "./support.ts"

const credentials = { username: "member", password: "canary-password" }

interface Day {
  readonly clock: StoppedClock
  readonly simulator: NcmecSimulator
  readonly served: ServedExchange<NcmecCommand>
  readonly exchange: Exchange
}

/** Runs against a simulated environment whose time, and the client's, is a stopped clock. */
async function withNcmec<T>(
  use: (day: Day) => Promise<T>,
  more: Partial<NcmecSimulatorOptions> & { readonly ownClock?: StoppedClock } = {},
): Promise<T> {
  const clock = new StoppedClock("2026-03-01T12:00:00Z")
  const simulator = new NcmecSimulator({ ...credentials, clock: clock.now, pageEntries: 3, ...more })
  await using served = await serveExchange(simulator, { clock: clock.now })
  const settings = { environment: "industry-csam", host: "test", baseUrl: served.base } as const
  const exchange = EXCHANGE_KINDS.ncmec.open(settings, credentials, {
    clock: more.ownClock ?? clock,
    timeoutMs: 20_000,
  })
  try {
    return await use({ clock, simulator, served, exchange })
  } finally {
    await exchange.close()
  }
}

function entry(id: string, more: Partial<SimulatedEntry> = {}): SimulatedEntry {
  return { memberId: 42, id, classification: "A1", fingerprints: { md5: hashOf("md5", id) }, ...more }
}

const entries = (count: number, word = "e") => Array.from({ length: count }, (_, index) => entry(`${word}${index}`))

function pageOf(inner: string): SimulatedAnswer {
  return { status: 200, headers: { "content-type": "application/xml" }, body: `<queryResult>${inner}</queryResult>` }
}

describe("NCMEC's hash sharing", () => {
  it("gives out every entry with hashes, foreign hashes, votes and further fields", async () => {
    await withNcmec(async ({ served, exchange }) => {
      const [md5, pdq] = [hashOf("md5", "a"), hashOf("pdq", "a")]
      served.tell({
        put: [
          entry("a", {
            fingerprints: { md5: md5.toUpperCase(), pdq, pdna: "AAEC", "tmk-pdqf": "" },
            affirmative: { Md5: [1, 43], PDQ: [43] },
            negative: { Sha1: [7] },
            fields: { esp: "Simulated & more" },
          }),
          entry("v", { medium: "video", classification: "" }),
        ],
        at: "2026-02-01T00:00:00Z",
      })
      const reader = await new Reader().fetch(exchange)
      expect(reader.entries.get("42-a")).toEqual({
        key: "42-a",
        modifiedAt: "2026-02-01T00:00:00.000Z",
        records: [
          { hashType: "md5", hash: md5, category: "A1", id: "42-a" },
          { hashType: "pdq", hash: pdq, category: "A1", id: "42-a" },
        ],
        foreign: [{ type: "pdna", text: "AAEC" }, { type: "tmk-pdqf" }],
        votes: { affirmative: 2, negative: 1, reasons: ["Simulated reason"] },
        fields: { medium: "image", esp: "Simulated & more" },
      })
      expect(reader.entries.get("42-v")).toMatchObject({
        records: [{ hashType: "md5", category: "unspecified" }],
        fields: { medium: "video" },
      })
      expect(reader.checkpoint?.until).toBe("2026-03-01T11:59:55.000Z")
    })
  })

  it("gives out only what changed since, replaces an entry as a whole, and says what was withdrawn", async () => {
    await withNcmec(async ({ clock, served, exchange }) => {
      served.tell({ put: entries(8), at: "2026-02-01T00:00:00Z" })
      const reader = await new Reader().fetch(exchange)
      expect(reader.entries.size).toBe(8)
      clock.advance(600)
      served.tell({ put: [entry("e3", { fingerprints: { sha1: hashOf("sha1", "other") } })] })
      served.tell({ remove: ["42-e4", "42-never"] })
      clock.advance(600)
      const before = reader.pages.length
      await reader.fetch(exchange)
      expect(reader.pages.slice(before).flatMap(({ changes }) => changes)).toHaveLength(2)
      expect(reader.entries.get("42-e3")?.records).toMatchObject([{ hashType: "sha1" }])
      expect(reader.entries.has("42-e4")).toBe(false)
    })
  })

  it("moves its checkpoint only after a whole window, and continues a window where it stopped", async () => {
    await withNcmec(async ({ served, exchange }) => {
      served.tell({ put: entries(9), at: "2026-02-01T00:00:00Z" })
      const reader = await new Reader().fetch(exchange, 2)
      expect(reader.checkpoint?.until).toBe("2000-01-01T00:00:00.000Z")
      const calls = served.calls.length
      await reader.fetch(exchange)
      expect(served.calls.slice(calls).map(({ path }) => /start=(\d+)/.exec(path)?.[1] ?? path)).toEqual([
        "/v2/status",
        "7",
      ])
      expect(reader.entries.size).toBe(9)
      expect(reader.checkpoint?.until).toBe("2026-03-01T11:59:55.000Z")
    })
  })

  it.each([
    ["is twelve hours old", 12 * 3600, undefined],
    ["is no longer known", 60, 400],
    ["is gone", 60, 410],
  ])("reads a window again when its cursor %s", async (_, seconds, status) => {
    await withNcmec(async ({ clock, served, exchange }) => {
      served.tell({ put: entries(9), at: "2026-02-01T00:00:00Z" })
      const reader = await new Reader().fetch(exchange, 1)
      clock.advance(seconds)
      if (status !== undefined) served.addFault({ on: "/v2/entries", answer: { status, headers: {}, body: "" } })
      expect((await reader.fetch(exchange)).entries.size).toBe(9)
    })
  })

  it("asks for less time at once where too much lies in it, and for more again later", async () => {
    await withNcmec(
      async ({ served, exchange }) => {
        for (const year of [2010, 2014, 2018, 2022]) {
          served.tell({ put: entries(4, `y${year}-`), at: `${year}-06-01T00:00:00Z` })
        }
        const reader = await new Reader().fetch(exchange)
        expect(reader.entries.size).toBe(16)
        const spans = served.calls.flatMap(({ path }) => {
          const query = new URLSearchParams(path.split("?")[1])
          const [from, to] = ["from", "to"].map((name) => Date.parse(query.get(name) ?? ""))
          return query.has("start") || from === undefined || to === undefined || Number.isNaN(from) ? [] : [to - from]
        })
        const [whole = 0, quarter = 0] = spans
        expect(quarter).toBeCloseTo(whole / 4, -1)
        expect(spans.some((span, index) => index > 1 && span > (spans[index - 1] ?? 0) * 1.9)).toBe(true)
      },
      { numberStep: 130_000 },
    )
  })

  it("never skips a change because this machine's clock runs ahead", async () => {
    const ownClock = new StoppedClock("2026-03-01T18:00:00Z")
    await withNcmec(
      async ({ clock, served, exchange }) => {
        const reader = await new Reader().fetch(exchange)
        expect(reader.checkpoint?.until).toBe("2026-03-01T11:59:55.000Z")
        clock.advance(60)
        served.tell({ put: entries(1) })
        clock.advance(60)
        expect((await reader.fetch(exchange)).entries.size).toBe(1)
      },
      { ownClock },
    )
  })

  it("refuses a checkpoint from the exchange's future, and waits where it is only a little ahead", async () => {
    await withNcmec(async ({ exchange }) => {
      const reader = new Reader()
      reader.checkpoint = { until: "2026-03-01T12:30:00.000Z" }
      expect((await reader.fetch(exchange)).pages).toEqual([])
      for (const until of ["2026-03-01T13:30:00.000Z", "never"]) {
        reader.checkpoint = { until }
        await expect(reader.fetch(exchange)).rejects.toMatchObject({ code: "state_conflict" })
      }
    })
  })

  it("counts what it cannot read, and keeps the rest", async () => {
    await withNcmec(async ({ served, exchange }) => {
      const whole = (inner: string) => `<image><member id="1"/>${inner}</image>`
      const good = `<md5>${hashOf("md5", "g")}</md5>`
      const time = "<timestamp>2026-02-01T00:00:00Z</timestamp>"
      served.addFault({
        on: "/v2/entries",
        answer: pageOf(
          `<images>
            ${whole(`${time}<id>good</id><fingerprints>${good}<sha1>zz</sha1><newkind>1</newkind></fingerprints>`)}
            ${whole(`${time}<fingerprints>${good}</fingerprints>`)}
            ${whole(`<id>no-time</id><fingerprints>${good}</fingerprints>`)}
            ${whole(`<timestamp>9999-01-01T00:00:00Z</timestamp><id>future</id>`)}
            <image>${time}<id>no-member</id></image>
          </images><audios><audio><fingerprints>${good}</fingerprints></audio></audios>`,
        ),
      })
      const reader = await new Reader().fetch(exchange)
      expect([...reader.entries.keys()]).toEqual(["1-good"])
      expect(reader.entries.get("1-good")).toMatchObject({
        records: [{ hashType: "md5" }],
        foreign: [{ type: "newkind", text: "1" }],
      })
      expect(reader.malformed).toEqual({ hash_malformed: 1, fields_missing: 3, field_malformed: 1, field_unread: 1 })
    })
  })

  it("keeps only so much of an entry, however much there is", async () => {
    await withNcmec(async ({ served, exchange }) => {
      const many = (make: (index: number) => string) =>
        Array.from({ length: 2_000 }, (_, index) => make(index)).join("")
      served.addFault({
        on: "/v2/entries",
        answer: pageOf(
          `<images><image><member id="1"/><timestamp>2026-02-01T00:00:00Z</timestamp><id>a</id>
          <fingerprints>${many((index) => `<f${index}>${"x".repeat(2_000)}</f${index}>`)}</fingerprints>
          <feedback><affirmativeFeedback>${many((index) => `<member id="${index}"/>`)}</affirmativeFeedback></feedback>
          ${many((index) => `<n${index}>${"y".repeat(2_000)}</n${index}>`)}</image></images>`,
        ),
      })
      const reader = await new Reader().fetch(exchange)
      expect(JSON.stringify(reader.entries.get("1-a")).length).toBeLessThan(300_000)
      expect(reader.malformed).toEqual({ field_unread: 2_000 - 256 })
    })
  })

  it.each([
    ["leads to another host", pageOf("<paging><next>https://other.example/v2/entries?x=1</next></paging>")],
    ["leads to another path", pageOf("<paging><next>/v2/entries/../../x?start=1</next></paging>")],
    ["leads to a host in a path", pageOf("<paging><next>//other.example/v2/entries?x=1</next></paging>")],
    ["hides a line break", pageOf("<paging><next>/v2/entries?x=1&#13;&#10;host: y</next></paging>")],
    ["follows itself", pageOf("<paging><next>/v2/entries?start=5</next></paging>")],
    ["has a DOCTYPE", { ...pageOf(""), body: "<!DOCTYPE queryResult><queryResult/>" }],
    ["is a page for people", { ...pageOf(""), body: "<html><body>Maintenance</body></html>" }],
    ["has a NUL", pageOf("<images>\u0000</images>")],
    ["is cut in the middle", { ...pageOf(""), body: "<queryResult><images>" }],
    ["is a redirect", { status: 302, headers: { location: "https://other.example/" }, body: "" }],
    ["is compressed", { status: 200, headers: { "content-encoding": "gzip" }, body: "x" }],
    ["has an unexpected status", { status: 418, headers: {}, body: "" }],
  ])("refuses a page that %s, and keeps its checkpoint", async (_, answer) => {
    await withNcmec(async ({ served, exchange }) => {
      served.tell({ put: entries(4), at: "2026-02-01T00:00:00Z" })
      served.addFault({ on: "/v2/entries", times: 3, answer })
      const reader = new Reader()
      await expect(reader.fetch(exchange)).rejects.toMatchObject({ code: "answer_malformed" })
      expect(reader.entries.size).toBe(0)
      served.clearFaults()
      expect((await reader.fetch(exchange)).entries.size).toBe(4)
    })
  })

  it("refuses empty pages without end, and pages that never end", async () => {
    await withNcmec(async ({ served, exchange }) => {
      const answer = pageOf("<paging><next>@0</next></paging>")
      served.addFault({ on: "/v2/entries", times: 1_000, answer })
      await expect(new Reader().fetch(exchange)).rejects.toMatchObject({ code: "answer_malformed" })
      expect(served.calls.length).toBeLessThan(100)
      served.clearFaults()
      served.addFault({ on: "/v2/entries", answer: { ...pageOf(""), delivery: "endless" } })
      await expect(new Reader().fetch(exchange)).rejects.toMatchObject({ code: "too_large" })
    })
  })

  it.each([
    [401, {}, "credentials_refused", {}],
    [403, {}, "credentials_refused", {}],
    [429, { "retry-after": "30" }, "unavailable", { retryAfterSeconds: 30 }],
    [503, {}, "unavailable", { status: 503 }],
  ])("says what a status %i means, and never repeats the password", async (status, headers, code, details) => {
    await withNcmec(async ({ served, exchange }) => {
      served.addFault({ answer: { status, headers, body: credentials.password } })
      const error = await exchange.check().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code, details })
      expect(JSON.stringify(error) + String(error)).not.toContain("canary")
      await expect(exchange.check()).resolves.toBeUndefined()
    })
  })

  it("loses nothing and doubles nothing, whatever changes and wherever it stops", async () => {
    const id = fc.integer({ min: 0, max: 12 }).map((number) => `e${number}`)
    const step = fc.oneof(
      fc.array(id, { minLength: 1, maxLength: 6 }).map((ids) => ({ put: ids })),
      fc.array(id, { minLength: 1, maxLength: 4 }).map((ids) => ({ remove: ids })),
      fc.integer({ min: 1, max: 4 }).map((pages) => ({ pages })),
      fc.constant({ fail: true }),
      fc.constantFrom(10, 700, 50_000).map((seconds) => ({ seconds })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await withNcmec(async ({ clock, served, exchange }) => {
          const live = new Set<string>()
          const reader = new Reader()
          for (const one of steps) {
            clock.advance(1)
            if ("put" in one) {
              served.tell({ put: one.put.map((name) => entry(name)) })
              for (const name of one.put) live.add(`42-${name}`)
            } else if ("remove" in one) {
              served.tell({ remove: one.remove.map((name) => `42-${name}`) })
              for (const name of one.remove) live.delete(`42-${name}`)
            } else if ("pages" in one) await reader.fetch(exchange, one.pages).catch(() => {})
            else if ("seconds" in one) clock.advance(one.seconds)
            else served.addFault({ on: "/v2/entries", answer: { status: 500, headers: {}, body: "" } })
          }
          clock.advance(10)
          served.clearFaults()
          await reader.fetch(exchange)
          expect([...reader.entries.keys()].sort()).toEqual([...live].sort())
        })
      }),
      { numRuns: 40 },
    )
  })

  it("votes on an entry's hash, with the reasons of a dispute", async () => {
    await withNcmec(async ({ simulator, served, exchange }) => {
      served.tell({ put: [entry("a/b-c")] })
      const key = "42-a/b-c"
      await exchange.vote?.({ key, hashType: "pdq", verdict: "affirmative" })
      await exchange.vote?.({ key, hashType: "md5", verdict: "negative", reasonIds: ["0123-ab"] })
      expect(simulator.votes.get(`${key} PDQ`)).toContain("<affirmative/>")
      expect(simulator.votes.get(`${key} MD5`)).toContain(
        "<negative><reasonIds><guid>0123-ab</guid></reasonIds></negative>",
      )
      const refused = [
        { key, hashType: "sha256", verdict: "affirmative" },
        { key: "42-..", hashType: "md5", verdict: "affirmative" },
        { key: "x", hashType: "md5", verdict: "affirmative" },
        { key, hashType: "md5", verdict: "negative" },
        { key, hashType: "md5", verdict: "negative", reasonIds: ["<x/>"] },
      ] as const
      for (const vote of refused) await expect(exchange.vote?.(vote)).rejects.toMatchObject({ code: "input_invalid" })
      const unknown = { key: "42-z", hashType: "md5", verdict: "affirmative" } as const
      await expect(exchange.vote?.(unknown)).rejects.toMatchObject({ code: "not_found" })
      expect(simulator.votes.size).toBe(2)
    })
  })

  it("has a published address for every environment, and no secret in its settings", () => {
    const { settings } = EXCHANGE_KINDS.ncmec
    for (const environment of ["industry-csam", "npo-generative-ai-csam", "law-enforcement-csam"]) {
      expect(settings.safeParse({ environment, host: "production" }).success).toBe(true)
    }
    expect(settings.safeParse({ environment: "other", host: "test" }).success).toBe(false)
    expect(settings.safeParse({ environment: "npo-csam", host: "test", password: "x" }).success).toBe(false)
  })
})
