import { randomUUID } from "node:crypto"
import { DependencyError, systemClock } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { beforeEach, describe, expect, it } from "vitest"
import { isFilingPaused, pauseFiling } from "../../src/oversight/operations/filing-pause.ts"
import { createReconcile, type ReportStatus } from "../../src/oversight/operations/reconcile.ts"
import { createTasks } from "../../src/oversight/operations/tasks.ts"
import { readEvents } from "../../src/platform/events/read.ts"
import { transact } from "../../src/platform/events/transact.ts"

const db = useDatabase()
const deps = () => ({ db: db.database.kysely, clock: systemClock })
const tasksOf = () => createTasks(deps())

type State = "opening" | "opened" | "finishing" | "finished" | "retracted" | "abandoned" | "refused"

/** A journal with one filing, and what the database knows of its report. */
function reconcile(
  states: readonly State[],
  report: Partial<ReportStatus> | undefined,
  reportId = `report-${randomUUID()}`,
  finished: readonly string[] = [],
) {
  const attempts = states.map((state, index) => ({
    attempt: index + 1,
    state,
    doubtful: false,
    files: [],
    at: "2026-01-01T00:00:00Z",
  }))
  const filing = { grantId: "grant-1", reportId, environment: "production" as const, attempts }
  return createReconcile({
    ...deps(),
    tasks: tasksOf(),
    custodian: { filings: async () => ({ seq: 1, filings: [filing] }) },
    finishedReports: async () => finished,
    reportStatusOf: async () =>
      report === undefined ? undefined : { state: "approved", grantId: "grant-1", ...report },
  })
}

const paused = () => isFilingPaused(db.database.kysely)

beforeEach(async () => {
  await transact(deps(), "system-host", (step) => pauseFiling(step, "system-host", new Date()))
  for (const { id } of await tasksOf().open(100)) await tasksOf().close("person-1", id, "done")
})

describe("reconciling after a restore", () => {
  it.each<[string, readonly State[], Partial<ReportStatus>]>([
    ["a filing that both know as finished", ["finished"], { state: "finished" }],
    ["a filing that its own resumption settles", ["opened"], { state: "approved" }],
    ["a finished filing of a report that is still approved under the same grant", ["finished"], {}],
    ["a filing that came to nothing", ["retracted", "refused", "abandoned"], { state: "draft", grantId: undefined }],
  ])("lets filing go on after %s", async (_, states, report) => {
    expect(await reconcile(states, report)()).toEqual({ compared: 1, differing: 0, paused: false })
    expect(await paused()).toBe(false)
  })

  it.each<[string, readonly State[], Partial<ReportStatus> | undefined, string]>([
    ["a report that the database never had", ["finished"], undefined, "report-unknown"],
    ["a report that is a draft again", ["finished"], { state: "draft", grantId: undefined }, "grant-unknown"],
    ["a filing under another grant", ["opened"], { grantId: "grant-2" }, "grant-unknown"],
    ["a report that was withdrawn here", ["finished"], { state: "withdrawn" }, "state-differs"],
    ["a report that is finished here alone", ["opened"], { state: "finished" }, "finished-here-alone"],
    [
      "a report that is finished here, where the filing came to nothing",
      ["retracted"],
      { state: "finished" },
      "finished-here-alone",
    ],
  ])("keeps filing paused for %s, until a person has seen to it", async (_, states, report, code) => {
    const reportId = `report-${randomUUID()}`
    const again = reconcile(states, report, reportId)
    expect(await again()).toEqual({ compared: 1, differing: 1, paused: true })
    const open = await tasksOf().open(10)
    expect(open).toMatchObject([{ kind: "filing-differs", subject: reportId, code }])
    expect(await again()).toMatchObject({ differing: 1, paused: true })
    expect(await tasksOf().open(10)).toHaveLength(1)
    await tasksOf().close("person-1", open[0]?.id ?? "", "done")
    expect(await again()).toEqual({ compared: 1, differing: 0, paused: false })
    expect(await paused()).toBe(false)
  })

  it("keeps filing paused for a report that the rows say is finished and the custodian never filed", async () => {
    const reportId = `report-${randomUUID()}`
    const again = reconcile(["finished"], { state: "finished" }, undefined, [reportId])
    expect(await again()).toEqual({ compared: 1, differing: 1, paused: true })
    expect(await tasksOf().open(10)).toMatchObject([{ subject: reportId, code: "finished-here-alone" }])
  })

  it("keeps filing paused while the custodian does not answer", async () => {
    const silent = createReconcile({
      ...deps(),
      tasks: tasksOf(),
      reportStatusOf: async () => undefined,
      finishedReports: async () => [],
      custodian: { filings: () => Promise.reject(new DependencyError("unavailable", "gone")) },
    })
    await expect(silent()).rejects.toMatchObject({ code: "unavailable" })
    expect(await paused()).toBe(true)
  })

  it("records in the log once when filing was paused and resumed", async () => {
    await reconcile([], {})()
    await reconcile([], {})()
    const before = (await readEvents(db.database.kysely, { type: "filing.paused" })).length
    const resumed = (await readEvents(db.database.kysely, { type: "filing.resumed" })).length
    expect(resumed).toBe(before)
    await transact(deps(), "system-host", (step) => pauseFiling(step, "system-host", new Date()))
    await transact(deps(), "system-host", (step) => pauseFiling(step, "system-host", new Date()))
    expect((await readEvents(db.database.kysely, { type: "filing.paused" })).length).toBe(before + 1)
  })
})
