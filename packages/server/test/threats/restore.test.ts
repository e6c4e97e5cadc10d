import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { Client } from "pg"
import { expect, it } from "vitest"
import { makeFilingInstallation } from "../filing/reports/support/filing-environment.ts"

const db = useDatabase()
const timeout = 120_000

/** Restores a backup from before `opened`: the approved report with its grant, and no step of its filing. */
async function forget(reportId: string): Promise<void> {
  const owner = new Client(db.owner)
  await owner.connect()
  await owner.query("DELETE FROM report_steps WHERE report_id = $1", [reportId])
  await owner.query(
    `UPDATE reports SET state = 'approved', remote_report_id = NULL, finished_at = NULL, held_code = NULL,
       lease_token = NULL, lease_until = NULL, next_try_at = NULL WHERE id = $1`,
    [reportId],
  )
  await owner.end()
}

it("learns of a report that was finished before the restore, and files nothing again", { timeout }, async () => {
  const installation = await makeFilingInstallation(db)
  const { reportId, mark } = await installation.approve()
  installation.work()
  expect(await installation.settled(reportId)).toBe("finished")
  const remote = (await installation.read(reportId))?.remoteReportId
  await forget(reportId)
  expect(await installation.settled(reportId)).toBe("finished")
  expect((await installation.read(reportId))?.remoteReportId).toBe(remote)
  expect(await installation.atTipline(mark)).toMatchObject([{ state: "finished" }])
})

it("finds its way through every attempt that the restored database knows nothing of", { timeout }, async () => {
  const installation = await makeFilingInstallation(db)
  await installation.simulator.admin.addFault({ on: "/submit", kind: "drop-after-commit" })
  await installation.simulator.admin.addFault({ on: "/upload", kind: "drop-after-commit" })
  const { reportId, mark } = await installation.approve()
  installation.work()
  expect(await installation.settled(reportId)).toBe("finished")
  const before = await installation.atTipline(mark)
  expect(before.length).toBeGreaterThan(2)
  await forget(reportId)
  expect(await installation.settled(reportId)).toBe("finished")
  const after = await installation.atTipline(mark)
  expect(after).toHaveLength(before.length)
  expect(after.filter(({ state }) => state === "finished")).toHaveLength(1)
})
