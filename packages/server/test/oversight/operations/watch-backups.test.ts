import { HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { expect, it } from "vitest"
import { watchBackupsJob } from "../../../src/oversight/operations/watch-backups.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"

const database = useDatabase()

it("a newest backup older than two intervals raises an alarm, as does none at all; a late one does not", async () => {
  const { kysely: db } = database.database
  const clock = movingClock()
  const alarms = createAlarms({ db, clock })
  const job = (everyHours: number | null) => watchBackupsJob({ db, clock, alarms, everyHours })
  const run = (everyHours: number | null = 6) => job(everyHours).run({}, new AbortController().signal)
  const times = async () => (await alarms.list(true)).find(({ code }) => code === "backup-old")?.times
  expect(job(6)).toMatchObject({ schedule: expect.stringMatching(/^\d+ \* \* \* \*$/) })

  await run(null)
  expect(await times()).toBeUndefined()
  await run()
  expect(await times()).toBe(1)

  await transact({ db, clock }, "system-host", async ({ record }) =>
    record({ type: "backup.made", subject: "installation", data: { backup: "backup-1" } }),
  )
  clock.move(12 * HOUR_MS)
  await run()
  expect(await times()).toBe(1)
  clock.move(1)
  await run()
  expect(await times()).toBe(2)
})
