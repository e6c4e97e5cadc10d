import { randomBytes } from "node:crypto"
import { PUSHED_SCAN_FORMAT, type SharedScanReport } from "@nightlight/contract/server"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { asKey } from "@nightlight/dev-env/server/intake"
import { makeFinding, makePusher } from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { usePushingSource } from "../../support/pushing-source.ts"
import { aReport } from "./report.ts"

const pushing = usePushingSource()

const signed = (report: SharedScanReport, { as = pushing.pusher, to = pushing.source } = {}) =>
  signDocument({ format: PUSHED_SCAN_FORMAT, source: to, report: report as never }, as.signer)

async function put(document: object, { scan = "s-000001", by = pushing.key } = {}) {
  const answer = await pushing.installation.app.inject({
    method: "PUT",
    url: `/v1/scans/${scan}`,
    headers: asKey(by),
    payload: document,
  })
  return { status: answer.statusCode, body: answer.json() }
}

/** Asks as a person with these roles. */
async function get(url: string, ...roles: Parameters<typeof aPerson>) {
  const person = aPerson(...roles)
  pushing.installation.actors.set(person.id, person)
  const answer = await pushing.installation.app.inject({ url, headers: asKey(person.id) })
  return { status: answer.statusCode, body: answer.json() }
}

describe("scans that sources report", () => {
  it("are stored once, by the report that finished last, with one event for each change", async () => {
    const early = aReport({ scan: "s-000011", state: "partial", finishedAt: "2026-05-01T10:00:00.000Z" })
    const late = aReport({ scan: "s-000011", finishedAt: "2026-05-02T10:00:00.000Z" })
    const first = await put(signed(early), { scan: "s-000011" })
    expect(first).toMatchObject({ status: 200, body: { status: "accepted" } })
    const { scanId } = first.body
    expect((await put(signed(early), { scan: "s-000011" })).body).toEqual({ scanId, status: "known" })
    expect((await put(signed(late), { scan: "s-000011" })).body).toEqual({ scanId, status: "replaced" })
    expect((await put(signed(early), { scan: "s-000011" })).body).toEqual({ scanId, status: "older" })
    const shown = await get(`/v1/scans/${scanId}`, "counsel")
    expect(shown.body).toMatchObject({
      source: pushing.source,
      report: late,
      findings: { total: 0 },
      caseCount: 0,
      cases: [],
    })
    const events = await pushing.installation.events({ subject: scanId })
    expect(events.map(({ type, data }) => [type, data["state"]])).toEqual([
      ["scan.reported", "partial"],
      ["scan.reported", "complete"],
    ])
  })

  it("are stored once when the same report arrives many times at once", async () => {
    const document = signed(aReport({ scan: "s-000012" }))
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(document, { scan: "s-000012" })))
    const statuses = answers.map(({ body }): string => body.status).toSorted()
    expect(statuses).toEqual(["accepted", ...Array.from({ length: 7 }, () => "known")])
    expect(new Set(answers.map(({ body }) => body.scanId)).size).toBe(1)
  })

  it("that are dated in the future neither stay for good nor come first in the list", async () => {
    const params = { scan: "s-000012" }
    const wrong = aReport({ scan: "s-000012", finishedAt: "9999-12-31T00:00:00.000Z" })
    const right = aReport({ scan: "s-000012", finishedAt: "2026-05-02T10:00:00.000Z" })
    const { scanId } = (await put(signed(wrong), params)).body
    expect((await put(signed(wrong), params)).body).toEqual({ scanId, status: "known" })
    pushing.site.clock.move(1000)
    await put(signed(aReport({ scan: "s-000009", finishedAt: pushing.site.clock.now().toISOString() })), {
      scan: "s-000009",
    })
    const [last] = (await get(`/v1/scans?source=${pushing.source}`, "auditor")).body.scans
    expect(last.scan).toBe("s-000009")
    expect((await put(signed(right), params)).body).toEqual({ scanId, status: "replaced" })
  })

  it("are refused unless the calling source signed them for this server, under their name; an alarm is raised", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const theirs = await pushing.installation.enrol(other)
    const report = aReport({ scan: "s-000013" })
    const params = { scan: "s-000013" }
    const altered = { ...signed(report), report: { ...report, demo: true } }
    for (const [document, reason] of [
      [altered, "signature-wrong"],
      [signed(report, { as: other }), "signature-wrong"],
      [signed(report, { to: theirs.source }), "other-source"],
      [signed(aReport({ scan: "s-000014" })), "other-scan"],
    ] as const) {
      expect(await put(document, params), reason).toMatchObject({
        status: 400,
        body: { type: "input_invalid", reason },
      })
    }
    expect(await put(signed(report), { ...params, by: theirs.key })).toMatchObject({ status: 400 })
    expect(
      await put(signed(report), { ...params, by: pushing.installation.keyFor(undefined, "findings:push") }),
    ).toMatchObject({
      status: 403,
    })
    expect(
      await put(signed(report), { ...params, by: pushing.installation.keyFor(pushing.source, "screen") }),
    ).toMatchObject({
      status: 403,
    })
    const raised = await pushing.installation.alarms.list(true)
    expect(raised.filter(({ code }) => code === "scan-refused").map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([pushing.source, theirs.source]),
    )
    expect((await get("/v1/scans", "auditor")).body.scans.map(({ scan }: { scan: string }) => scan)).not.toContain(
      "s-000013",
    )
  })

  it("contain no path: a report with one is malformed", async () => {
    const report = aReport({ scan: "s-000015" })
    const withPaths = [
      { ...report, inputs: ["/data/canary"] },
      { ...report, out: "/data/canary" },
      { ...report, inPlace: { ...report.inPlace, shards: [{ path: "/data/canary", items: 1 }] } },
      { ...report, failed: { "/data/canary": 1 } },
      { ...report, flooding: [{ list: "known", entry: 4, entryId: "canary" }] },
    ]
    for (const document of withPaths) {
      const answer = await put(signed(document as never), { scan: "s-000015" })
      expect(answer).toMatchObject({ status: 400 })
      expect(JSON.stringify(answer.body)).not.toContain("canary")
    }
  })

  it("are listed by page, the last finished first, of one source or of all", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const theirs = await pushing.installation.enrol(other)
    const names = ["s-000021", "s-000022", "s-000023", "s-000024", "s-000025"]
    for (const [day, scan] of names.entries()) {
      // Two finish at the same moment: neither is lost between pages.
      const finishedAt = `2026-05-1${Math.ceil((day + 1) / 2)}T10:00:00.000Z`
      await put(signed(aReport({ scan, finishedAt }), { as: other, to: theirs.source }), { scan, by: theirs.key })
    }
    const seen: string[] = []
    let after = ""
    do {
      const { body } = await get(`/v1/scans?limit=2&source=${theirs.source}${after}`, "senior-reviewer")
      seen.push(...body.scans.map(({ scan }: { scan: string }) => scan))
      after = body.next === undefined ? "" : `&after=${body.next}`
    } while (after !== "")
    expect(seen.toSorted()).toEqual(names)
    expect(seen[0]).toBe("s-000025")
    const all = (await get("/v1/scans?limit=200", "auditor")).body.scans
    expect(new Set(all.map(({ source: of }: { source: string }) => of)).size).toBeGreaterThan(1)
    const times = all.map(({ finishedAt }: { finishedAt: string }) => finishedAt)
    expect(times).toEqual(times.toSorted().toReversed())
    expect((await get(`/v1/scans?after=scan-${"0".repeat(36)}`, "auditor")).status).toBe(404)
  })

  it("say what became of their findings; who may not read cases sees their number alone", async () => {
    const lines = [0, 1, 2].map((ordinal) =>
      pushing.pusher.line(pushing.source, makeFinding({ scan: "s-000031", ordinal })),
    )
    await pushing.installation.push(
      pushing.key,
      [...lines, pushing.pusher.line(pushing.source, makeFinding({ scan: "s-000032" }))].join(""),
    )
    const { scanId } = (await put(signed(aReport({ scan: "s-000031" })), { scan: "s-000031" })).body
    const record = (await pushing.installation.rows()).find((row) => row.scan_key === scanKeyOf("s-000031"))!
    const caseId = `case-${"1".repeat(36)}`
    await pushing.db.database.kysely
      .updateTable("received_findings")
      .set({ state: "verified", case_id: caseId })
      .where("record_id", "=", record.record_id)
      .execute()
    const byState = { waiting: 0, verified: 1, denied: 0, refused: 0, kept: 2 }
    const reader = await get(`/v1/scans/${scanId}`, "reporter")
    expect(reader.body).toMatchObject({ findings: { total: 3, byState }, caseCount: 1, cases: [caseId] })
    const administrator = await get(`/v1/scans/${scanId}`, "administrator")
    expect(administrator.body).toMatchObject({ caseCount: 1, sourceName: "a workspace" })
    expect(administrator.body.cases).toBeUndefined()
    expect(reader.body.sourceName).toBeUndefined()
    expect((await get(`/v1/scans/${scanId}`, "reviewer")).status).toBe(403)
    expect((await get(`/v1/scans/scan-${"0".repeat(36)}`, "auditor")).status).toBe(404)
  })
})

const scanKeyOf = (scan: string) => pushing.site.digests.of("received-scan", `${pushing.source}\n${scan}`)

describe("the size of a report", () => {
  it("is bounded: more than 1 MiB is not read", async () => {
    const skipped = Object.fromEntries(Array.from({ length: 9000 }, () => [randomBytes(60).toString("hex"), 1]))
    const answer = await put(signed(aReport({ scan: "s-000041", skipped })), { scan: "s-000041" })
    expect(answer.status).toBe(413)
  })
})
