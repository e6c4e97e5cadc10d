import {
  PUSHED_HUNT_FORMAT,
  PUSHED_PURGE_FORMAT,
  PUSHED_SCAN_FORMAT,
  type SharedHunt,
  type SharedPurge,
  type SharedScanReport,
} from "@nightlight/contract/server"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { asKey } from "@nightlight/dev-env/server/intake"
import { makePusher } from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { usePushingSource } from "../../support/pushing-source.ts"
import { aHunt, aPurge, aReport } from "./report.ts"

const pushing = usePushingSource()

async function put(
  url: string,
  format: string,
  report: object,
  { as = pushing.pusher, to = pushing.source, by = pushing.key } = {},
) {
  const payload = signDocument({ format, source: to, report: report as never }, as.signer)
  const answer = await pushing.installation.app.inject({ method: "PUT", url, headers: asKey(by), payload })
  return { status: answer.statusCode, body: answer.json() }
}
const scanned = async (report: SharedScanReport): Promise<string> =>
  (await put(`/v1/scans/${report.scan}`, PUSHED_SCAN_FORMAT, report)).body.scanId
const hunted = (report: SharedHunt, as = {}) => put(`/v1/hunts/${report.hunt}`, PUSHED_HUNT_FORMAT, report, as)
const purged = (report: SharedPurge, as = {}) => put(`/v1/purges/${report.purge}`, PUSHED_PURGE_FORMAT, report, as)
const shown = async (scanId: string) => (await pushing.installation.scans.get(aPerson("auditor"), scanId))!

describe("hunts and purges that sources report", () => {
  it("are stored once each, by the latest report, with one event for each change and its counts", async () => {
    const early = aHunt({ hunt: "h-000011", datasets: [{ ...aHunt().datasets[0]!, allShardsHunted: false }] })
    const late = aHunt({ hunt: "h-000011", huntedAt: "2026-05-04T10:00:00.000Z" })
    const told: string[] = []
    for (const report of [early, early, late, early]) told.push((await hunted(report)).body.status)
    expect(told).toEqual(["accepted", "known", "replaced", "older"])
    const purge = aPurge({ purge: "p-000011" })
    expect([(await purged(purge)).body, (await purged(purge)).body]).toEqual([
      { status: "accepted" },
      { status: "known" },
    ])
    const events = (await pushing.installation.events({})).filter(({ data }) => data["source"] === pushing.source)
    const dataOf = (type: string) => events.filter((event) => event.type === type).map(({ data }) => data)
    expect(dataOf("hunt.reported")).toMatchObject([
      { source: pushing.source, datasets: 1, complete: false, screened: true, fingerprints: 120, items: 2, inPlace: 6 },
      { source: pushing.source, datasets: 1, complete: true, screened: true, fingerprints: 120, items: 2, inPlace: 6 },
    ])
    expect(dataOf("purge.reported")).toMatchObject([
      { source: pushing.source, datasets: 1, items: 5, samples: 5, gone: 0, copy: false, failed: 1, inPlace: 1 },
    ])
  })

  it("are stored once when one arrives many times at once", async () => {
    const report = aPurge({ purge: "p-000012", datasets: [] })
    const answers = await Promise.all(Array.from({ length: 6 }, () => purged(report)))
    expect(answers.map(({ body }) => body.status).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "accepted",
      ...Array.from({ length: 5 }, () => "known"),
    ])
  })

  it("are refused unless the calling source signed them for this server, under their name; an alarm is raised", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const theirs = await pushing.installation.enrol(other)
    const report = aPurge({ purge: "p-000013" })
    const refused = { status: 400, body: { type: "input_invalid" } }
    expect(await purged(report, { as: other })).toMatchObject(refused)
    expect(await purged(report, { to: theirs.source })).toMatchObject(refused)
    expect(await purged(report, { by: theirs.key })).toMatchObject(refused)
    expect(await put("/v1/purges/p-000014", PUSHED_PURGE_FORMAT, report)).toMatchObject({
      body: { reason: "other-purge" },
    })
    expect(await put("/v1/hunts/h-000014", PUSHED_HUNT_FORMAT, aHunt())).toMatchObject({
      body: { reason: "other-hunt" },
    })
    expect(await purged(report, { by: pushing.installation.keyFor(pushing.source, "screen") })).toMatchObject({
      status: 403,
    })
    const raised = await pushing.installation.alarms.list(true)
    expect(raised.filter(({ code }) => code === "scan-refused").map(({ subject }) => subject)).toContain(pushing.source)
    const rows = await pushing.db.database.kysely.selectFrom("follow_ups").select("name").execute()
    expect(rows.map(({ name }) => name)).not.toContain("p-000013")
  })

  it("contain no path: a report with one is malformed", async () => {
    const hunt = aHunt({ hunt: "h-000015" })
    const purge = aPurge({ purge: "p-000015" })
    for (const answer of [
      await hunted({ ...hunt, datasets: [{ ...hunt.datasets[0]!, path: "/data/canary" } as never] }),
      await hunted({ ...hunt, lists: [{ ...hunt.lists[0]!, name: "/data/canary" }] }),
      await purged({ ...purge, basis: "/data/canary" as never }),
      await purged({ ...purge, failed: { "/data/canary": 1 } }),
    ]) {
      expect(answer.status).toBe(400)
      expect(JSON.stringify(answer.body)).not.toContain("canary")
    }
  })
})

describe("what is still in place of a dataset", () => {
  it("follows the latest of its scans, hunts and purges, whichever arrived first, with its time", async () => {
    const dataset = "7".repeat(64)
    const state = { ...aPurge().datasets[0]!, dataset, scan: "s-000021" }
    const purge = aPurge({ purge: "p-000021", datasets: [state] })
    expect((await purged(purge)).status).toBe(200)
    const scanId = await scanned(aReport({ scan: "s-000021", dataset }))
    expect((await shown(scanId)).inPlace).toEqual({
      items: 1,
      test: 0,
      shards: 1,
      asOf: purge.purgedAt,
      reportKind: "purge",
      complete: true,
    })
    const [hunt] = aHunt().datasets
    await hunted(aHunt({ hunt: "h-000021", datasets: [{ ...hunt!, dataset, scan: "s-000021" }] }))
    const { inPlace, followUps, report } = await shown(scanId)
    expect(inPlace).toMatchObject({ items: 1, reportKind: "purge" })
    expect(report.inPlace.items).toBe(4)
    expect(followUps).toMatchObject([
      { kind: "purge", name: "p-000021", items: 5, unfinished: true, inPlace: { items: 1 } },
      { kind: "hunt", name: "h-000021", items: 2, unfinished: false, inPlace: { items: 6 } },
    ])
    const { scans } = await pushing.installation.scans.list(aPerson("auditor"), { limit: 50 })
    expect(scans.find((scan) => scan.scanId === scanId)?.inPlace).toEqual(inPlace)

    const finishedAt = "2026-05-09T10:00:00.000Z"
    const later = await scanned(
      aReport({ scan: "s-000022", dataset, finishedAt, inPlace: { items: 0, test: 0, shards: 0 } }),
    )
    for (const id of [scanId, later]) {
      expect((await shown(id)).inPlace).toMatchObject({ items: 0, reportKind: "scan", asOf: finishedAt })
    }
  })

  it("is not lowered by a scan that did not screen every shard, or had no real list", async () => {
    const dataset = "8".repeat(64)
    const none = { items: 0, test: 0, shards: 0 }
    const scanId = await scanned(aReport({ scan: "s-000031", dataset }))
    const finishedAt = "2026-05-09T10:00:00.000Z"
    await scanned(aReport({ scan: "s-000032", dataset, finishedAt, state: "partial", inPlace: none }))
    await scanned(aReport({ scan: "s-000033", dataset, finishedAt, screened: false, inPlace: none }))
    expect((await shown(scanId)).inPlace).toMatchObject({ items: 4, complete: true })
    await scanned(aReport({ scan: "s-000034", dataset, finishedAt: "2026-05-10T10:00:00.000Z", state: "stopped" }))
    await purged(
      aPurge({
        purge: "p-000031",
        purgedAt: "2026-05-11T10:00:00.000Z",
        datasets: [{ dataset, scan: "s-000031", fullyScreened: true, inPlace: none }],
      }),
    )
    expect((await shown(scanId)).inPlace).toMatchObject({ items: 0, reportKind: "purge", complete: true })
  })

  it("says of a source what that source said, and nothing of another's dataset of the same digest", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const theirs = await pushing.installation.enrol(other)
    const dataset = "9".repeat(64)
    const scanId = await scanned(aReport({ scan: "s-000041", dataset }))
    const purge = aPurge({ purge: "p-000041", datasets: [{ ...aPurge().datasets[0]!, dataset }] })
    expect(await purged(purge, { as: other, to: theirs.source, by: theirs.key })).toMatchObject({ status: 200 })
    expect(await shown(scanId)).toMatchObject({ inPlace: { items: 4, reportKind: "scan" }, followUps: [] })
  })
})
