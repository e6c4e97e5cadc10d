import { DependencyError, systemClock } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { beforeEach, expect, it } from "vitest"
import { watchCustodian } from "../../src/oversight/operations/watch-custodian.ts"
import { createAlarms } from "../../src/staff/alarms/service.ts"
import { createPagerCalls } from "../../src/staff/pager/calls.ts"
import { createPager } from "../../src/staff/pager/pager.ts"

const db = useDatabase()
let queued: string[] = []

/** The job, beside a custodian that answers as `state` says; `undefined`: not at all. */
function watching(states: readonly (object | undefined)[]) {
  const deps = { db: db.database.kysely, clock: systemClock }
  const alarms = createAlarms(deps)
  const answers = [...states]
  const state = async () => {
    const answer = answers.shift()
    if (answer === undefined) throw new DependencyError("unavailable", "nobody answers")
    return { custody: "shared", environments: [], enrolled: 0, ...answer } as never
  }
  const pager = createPager({
    jobs: { enqueue: async (_trx, _name, payload) => void queued.push((payload as { code: string }).code) },
    config: { webhook: { url: "http://127.0.0.1:9/" } },
    calls: createPagerCalls({ ...deps, alarms }),
  })
  const job = watchCustodian({ ...deps, custodian: { state }, alarms, pager })
  return {
    alarms,
    viewing: async (times = 1) => {
      for (let n = 0; n < times; n++) await job.run({}, AbortSignal.timeout(60_000))
    },
  }
}

beforeEach(async () => {
  queued = []
  await db.database.kysely.updateTable("alarms").set({ acknowledged_at: new Date() }).execute()
})

const openCodes = async (alarms: ReturnType<typeof createAlarms>) => (await alarms.list(true)).map(({ code }) => code)

it("says nothing of a custodian that is ready, waits to be made, or does not answer once", async () => {
  const { viewing, alarms } = watching([{ state: "ready" }, undefined, { state: "no-key" }])
  await viewing(3)
  expect([await openCodes(alarms), queued]).toEqual([[], []])
})

it("raises an alarm and calls a person of one that is locked, once however long that lasts", async () => {
  const { viewing, alarms } = watching([{ state: "locked" }, { state: "locked" }, { state: "locked", doubt: "config" }])
  await viewing(3)
  expect([await openCodes(alarms), queued]).toEqual([["custodian-locked"], ["custodian-locked"]])
})

it("says of one that doubts its folder that it does, not that it is locked", async () => {
  const { viewing, alarms } = watching([
    { state: "locked", doubt: "journal" },
    { state: "locked", doubt: "enrolments" },
  ])
  await viewing(2)
  expect([await openCodes(alarms), queued]).toEqual([["custodian-doubted"], ["custodian-doubted"]])
})

it("calls a person when one that refuses to start does not answer for two minutes, and again after that was seen to", async () => {
  const { viewing, alarms } = watching([])
  await viewing(2)
  expect([await openCodes(alarms), queued]).toEqual([["custodian-unreachable"], ["custodian-unreachable"]])
  await db.database.kysely.updateTable("alarms").set({ acknowledged_at: new Date() }).execute()
  await viewing()
  expect(queued).toHaveLength(2)
})
