import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { expect, it } from "vitest"
import { asSuperuser } from "../../support/superuser.ts"
import { makeFilingInstallation } from "./support/filing-environment.ts"

const db = useDatabase()

it("does not take a report as filed by steps that somebody wrote into the database", { timeout: 120_000 }, async () => {
  const installation = await makeFilingInstallation(db)
  const { reportId, mark } = await installation.approve()
  const remote = { kind: "accepted", remoteReportId: "999" }
  const steps: readonly (readonly [key: string, step: object, outcome: object])[] = [
    ["open:1", { call: "open", ask: 1 }, remote],
    ...installation.files.flatMap(({ evidenceId }, index) => {
      const fileId = `file-${index}`
      return [
        [`upload:${evidenceId}`, { call: "upload", evidenceId }, { kind: "accepted", fileId }],
        [`describe:${evidenceId}`, { call: "describe", evidenceId, fileId }, { kind: "accepted" }],
      ] as const
    }),
    ["finish", { call: "finish" }, remote],
  ]
  await asSuperuser(db, async ({ run }) => {
    for (const [ordinal, [key, step, outcome]] of steps.entries()) {
      await run(
        `INSERT INTO report_steps (report_id, ordinal, attempt, step_key, step, started_at, outcome, ended_at)
         VALUES ($1, $2, 1, $3, $4, now(), $5, now())`,
        reportId,
        ordinal + 1,
        key,
        JSON.stringify(step),
        JSON.stringify(outcome),
      )
    }
  })
  installation.work()
  expect(await installation.settled(reportId)).toBe("held")
  expect((await installation.read(reportId))?.remoteReportId).not.toBe("999")
  expect(await installation.atTipline(mark)).toEqual([])
})
