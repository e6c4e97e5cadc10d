import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { expect, it } from "vitest"
import { makeFilingHouse } from "./support/filing-house.ts"

const db = useDatabase()

it("withdraws an approved report whose filing has not begun, and it is never filed", { timeout: 120_000 }, async () => {
  const house = await makeFilingHouse(db)
  const { reportId, mark } = await house.approve()
  await house.withdraw(reportId)
  const worker = house.work()
  const { reportId: next, mark: nextMark } = await house.approve()
  expect(await house.settled(next)).toBe("finished")
  expect((await house.read(reportId))?.state).toBe("withdrawn")
  expect(await house.atTipline(mark)).toEqual([])
  expect(await house.atTipline(nextMark)).toHaveLength(1)
  worker.kill("SIGKILL")
})

it("withdraws no report whose filing has begun", { timeout: 120_000 }, async () => {
  const house = await makeFilingHouse(db)
  const { reportId } = await house.approve()
  await house.ended(house.work({ point: "before-openFiling", nth: 1 }))
  await expect(house.withdraw(reportId)).rejects.toMatchObject({ code: "state_conflict" })
  expect((await house.read(reportId))?.state).toBe("approved")
})
