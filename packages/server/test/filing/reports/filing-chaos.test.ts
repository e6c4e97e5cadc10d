import type { Fault, SimulatedPath } from "@nightlight/cybertipline/simulator"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { expect, it } from "vitest"
import { findStepProblem } from "../../../src/oversight/audit/compare-report-steps.ts"
import { type FilingInstallation, makeFilingInstallation } from "./support/filing-environment.ts"

const db = useDatabase()

/** `npm run verify:long` kills at every point, and 200 times at random, and also lets answers come too late. */
const LONG = process.env["NIGHTLIGHT_LONG"] === "1"
const RUNS = 200
const MINUTES = 60_000

/** The report is at the CyberTipline once, whole, and nothing else of it was finished. */
async function expectFiledOnce(installation: FilingInstallation, mark: string): Promise<void> {
  const opened = await installation.atTipline(mark)
  const finished = opened.filter(({ state }) => state === "finished")
  expect(finished).toHaveLength(1)
  expect(finished[0]?.files.map(({ sha256 }) => sha256)).toEqual(installation.files.map(({ sha256 }) => sha256))
  expect(finished[0]?.files.every(({ details }) => details !== undefined)).toBe(true)
}

it("files a report once, with its files in order, and learns its id", { timeout: 2 * MINUTES }, async () => {
  const installation = await makeFilingInstallation(db)
  const { reportId, mark } = await installation.approve()
  installation.work()
  expect(await installation.settled(reportId)).toBe("finished")
  await expectFiledOnce(installation, mark)
  const [filed] = await installation.atTipline(mark)
  expect((await installation.read(reportId))?.remoteReportId).toBe(filed?.reportId)
})

const POINTS = [
  "before-openFiling",
  "after-openFiling",
  "before-upload",
  "after-upload",
  "before-describe",
  "after-describe",
  "before-finish",
  "after-finish",
  "finishing",
]

const KILLED_AT = LONG ? POINTS : ["after-openFiling", "after-upload", "finishing"]

it("files once when the worker is killed at any point", { timeout: 10 * MINUTES }, async () => {
  const installation = await makeFilingInstallation(db)
  for (const point of KILLED_AT) {
    const { reportId, mark } = await installation.approve()
    await installation.ended(installation.work({ point, nth: point.endsWith("upload") ? 2 : 1 }))
    const rescuer = installation.work()
    expect([point, await installation.settled(reportId)]).toEqual([point, "finished"])
    await expectFiledOnce(installation, mark)
    rescuer.kill("SIGKILL")
    await installation.ended(rescuer)
  }
})

const CALLS: readonly SimulatedPath[] = ["/submit", "/upload", "/fileinfo", "/finish"]
const LOSSES = ["drop-before", "drop-after-commit", "timeout-before", "timeout-after-commit"] as const
const LOST = LONG ? LOSSES : LOSSES.slice(0, 2)

it("files once when each answer is dropped, before or after it took effect", { timeout: 10 * MINUTES }, async () => {
  const installation = await makeFilingInstallation(db)
  installation.work()
  for (const on of CALLS) {
    for (const kind of LOST) {
      await installation.simulator.admin.addFault({ on, kind })
      const { reportId, mark } = await installation.approve()
      expect([on, kind, await installation.settled(reportId)]).toEqual([on, kind, "finished"])
      await expectFiledOnce(installation, mark)
    }
  }
})

it("files once at a CyberTipline that lies", { timeout: 10 * MINUTES }, async () => {
  const installation = await makeFilingInstallation(db)
  installation.work()
  const lies: readonly Fault[] = [
    { on: "/submit", kind: "redirect", location: "http://127.0.0.1:9/ispws/submit" },
    { on: "/upload", kind: "endless-body" },
    { on: "/fileinfo", kind: "doctype" },
    { on: "/finish", kind: "code0-http500" },
    { on: "/submit", kind: "code", code: 1000 },
    { on: "/fileinfo", kind: "code", code: 1300 },
    { on: "/finish", kind: "malformed-xml" },
    { on: "/finish", kind: "http-status", httpStatus: 503 },
  ]
  for (const lie of LONG ? lies : lies.slice(0, 4)) {
    await installation.simulator.admin.addFault(lie)
    const { reportId, mark } = await installation.approve()
    expect([lie.on, lie.kind, await installation.settled(reportId)]).toEqual([lie.on, lie.kind, "finished"])
    await expectFiledOnce(installation, mark)
  }
})

it("calls retract again until it decides, and then asks a person", { timeout: 2 * MINUTES }, async () => {
  const installation = await makeFilingInstallation(db)
  await installation.simulator.admin.addFault({ on: "/finish", kind: "drop-after-commit" })
  for (let nth = 1; nth <= 3; nth++)
    await installation.simulator.admin.addFault({ on: "/retract", kind: "drop-before" })
  const { reportId, mark } = await installation.approve()
  installation.work()
  expect(await installation.settled(reportId)).toBe("finished")
  await expectFiledOnce(installation, mark)
})

it.runIf(LONG)(
  `files once in ${RUNS} runs of two workers that are killed while answers are lost`,
  {
    timeout: 30 * MINUTES,
  },
  async () => {
    const installation = await makeFilingInstallation(db)
    const random = seeded(20_261_124)
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
    /** One that is killed from outside and replaced at once, and one that may kill itself at a point of its way. */
    let steady = installation.work()
    let doomed = installation.work()
    for (let run = 0; run < RUNS; run++) {
      for (let faults = Math.floor(random() * 3); faults > 0; faults--) {
        await installation.simulator.admin.addFault({ on: pick([...CALLS, "/retract"]), kind: pick(LOSSES) })
      }
      const { reportId, mark } = await installation.approve()
      if (random() < 0.6) {
        await new Promise((resolve) => setTimeout(resolve, random() * 400))
        const victim = pick([steady, doomed])
        victim.kill("SIGKILL")
        await installation.ended(victim)
        if (victim === steady) steady = installation.work()
        else doomed = installation.work({ point: pick(POINTS), nth: 1 })
      }
      if (random() < 0.15) {
        await installation.site.kill()
        await installation.site.start()
      }
      expect([run, await installation.settled(reportId)]).toEqual([run, "finished"])
      await expectFiledOnce(installation, mark)
      await installation.simulator.admin.clearFaults()
      if (doomed.exitCode !== null || doomed.signalCode !== null)
        doomed = installation.work({ point: pick(POINTS), nth: 1 })
    }
  },
)

it("leaves the steps that the log records, whatever was killed", async () => {
  expect(await findStepProblem(db.database.kysely)).toBeUndefined()
})

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
