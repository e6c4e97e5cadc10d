import { EXPOSURE_MIN_PEOPLE } from "@nightlight/contract/server"
import { DAY_MS, HOUR_MS, MINUTE_MS, RequestError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { localTime } from "../../../src/casework/exposure/local-time.ts"
import { createInsights } from "../../../src/oversight/insights/service.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { aProvenGrant, aViewer, createViewingsHarness, type ViewingsHarness } from "../../casework/viewings/harness.ts"

type Viewer = Awaited<ReturnType<typeof aViewer>>

describe.each(["UTC", "Pacific/Auckland"])("exposure, where days end at midnight of %s", (timeZone) => {
  const db = useDatabase()
  let harness: ViewingsHarness
  let viewers: readonly Viewer[]
  beforeAll(async () => {
    harness = createViewingsHarness(db, { timeZone })
    viewers = await Promise.all(Array.from({ length: EXPOSURE_MIN_PEOPLE }, () => aViewer(aPerson("reviewer"))))
  })
  const exposure = async (asked = {}) => (await createInsights({ ...harness, timeZone }).of(asked)).exposure

  /** A viewing of half a minute. */
  async function viewing(viewer: Viewer, purpose: "derivative" | "original" = "derivative"): Promise<void> {
    const { clock, cases, viewings } = harness
    const found = await harness.attach(anItem())
    await cases.claim(viewer.person, found.caseId, (await cases.get(found.caseId))!.version)
    const others = purpose === "original" ? [await aViewer(aPerson("senior-reviewer"))] : []
    const proven = await aProvenGrant(harness, found, viewer, { purpose, others })
    const { viewingId } = await viewings.view(viewer.person, found, proven)
    clock.move(30_000)
    await viewings.end(viewer.person, { ...found, viewingId }, 30)
    clock.move(MINUTE_MS)
  }
  const failedViewing = async (viewer: Viewer) => {
    harness.refusals.push(new RequestError("state_conflict", "the custodian would not"))
    await expect(viewing(viewer)).rejects.toMatchObject({ code: "state_conflict" })
  }
  const day = (daysAgo: number) => new Date(harness.clock.now().getTime() - daysAgo * DAY_MS)

  it("is empty, with nothing withheld, if nobody viewed anything", async () => {
    expect(await exposure()).toEqual({ suppressed: false, daysSuppressed: 0, days: [] })
  })

  it("is withheld for a day on which four people viewed something, even if others' viewings failed", async () => {
    for (const viewer of viewers.slice(1)) await viewing(viewer)
    await failedViewing(viewers[0]!)
    harness.clock.move(DAY_MS)
    expect(await exposure()).toEqual({ suppressed: true, daysSuppressed: 1, days: [] })
  })

  it("is shown for everybody together for a day on which five people viewed something, once that day is over", async () => {
    for (const viewer of viewers) await viewing(viewer)
    await viewing(viewers[0]!)
    await viewing(
      { ...viewers[1]!, person: { ...viewers[1]!.person, roles: new Set(["senior-reviewer"]) } },
      "original",
    )
    expect((await exposure()).days).toEqual([])
    harness.clock.move(DAY_MS)
    const { days, ...sums } = await exposure()
    expect(days).toMatchObject([{ viewings: 7, originals: 1, minutes: 3.5 }])
    expect(sums).toEqual({ suppressed: false, daysSuppressed: 1, viewings: 7, originals: 1, minutes: 3.5 })
    expect(JSON.stringify(days)).not.toContain("person")
  })

  it("reveals nothing of a withheld day by a difference: sums cover only the days that are shown", async () => {
    const all = await exposure()
    const shown = await exposure({ from: `${all.days[0]?.day}T00:00:00.000Z` })
    expect([shown.viewings, shown.minutes]).toEqual([all.viewings, all.minutes])
    expect(shown.daysSuppressed).toBe(0)
    const before = await exposure({ from: day(10).toISOString(), to: `${all.days[0]?.day}T00:00:00.000Z` })
    expect(before).toEqual({ suppressed: true, daysSuppressed: 1, days: [] })
  })

  it("is the same as the sum of what each person's own record says", async () => {
    const [shown] = (await exposure()).days
    const rows = await harness.db
      .selectFrom("exposure_days")
      .selectAll()
      .where("day", "=", shown?.day ?? "")
      .execute()
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0)
    expect(rows.length).toBeGreaterThanOrEqual(EXPOSURE_MIN_PEOPLE)
    expect([
      sum(({ viewings }) => viewings),
      sum(({ originals }) => originals),
      sum(({ seconds }) => seconds) / 60,
    ]).toEqual([shown?.viewings, shown?.originals, shown?.minutes])
  })

  it("of viewings in the afternoon counts on the day in the installation's zone", async () => {
    harness.clock.move(3 * DAY_MS + 4 * HOUR_MS)
    const { day: local } = localTime(harness.clock.now(), timeZone)
    for (const viewer of viewers) await viewing(viewer)
    harness.clock.move(2 * DAY_MS)
    const { days } = await exposure()
    expect(days.at(-1)).toMatchObject({ day: local, viewings: 5 })
    expect(local === day(2).toISOString().slice(0, 10)).toBe(timeZone === "UTC")
  })
})
