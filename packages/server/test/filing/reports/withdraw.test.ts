import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { expect, it } from "vitest"
import { makeFilingInstallation } from "./support/filing-environment.ts"

const db = useDatabase()

it("withdraws an approved report whose filing has not begun, and it is never filed", { timeout: 120_000 }, async () => {
  const installation = await makeFilingInstallation(db)
  const { reportId, mark } = await installation.approve()
  await installation.withdraw(reportId)
  const worker = installation.work()
  const { reportId: next, mark: nextMark } = await installation.approve()
  expect(await installation.settled(next)).toBe("finished")
  expect((await installation.read(reportId))?.state).toBe("withdrawn")
  expect(await installation.atTipline(mark)).toEqual([])
  expect(await installation.atTipline(nextMark)).toHaveLength(1)
  worker.kill("SIGKILL")
})

it("does not withdraw a report whose filing has begun", { timeout: 120_000 }, async () => {
  const installation = await makeFilingInstallation(db)
  const { reportId } = await installation.approve()
  await installation.ended(installation.work({ point: "before-openFiling", nth: 1 }))
  await expect(installation.withdraw(reportId)).rejects.toMatchObject({ code: "state_conflict" })
  expect((await installation.read(reportId))?.state).toBe("approved")
})
