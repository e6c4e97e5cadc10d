import { MINUTE_MS, systemClock } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { expect, it } from "vitest"
import { listAnswers, readReceived } from "../../../src/filing/reports/answers/answers.ts"
import { toFilingDeps } from "../../../src/filing/reports/feature.ts"
import { fileReport } from "../../../src/filing/reports/filing/file-report.ts"
import type { ReportId } from "../../../src/filing/reports/types.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import { makeFilingInstallation } from "./support/filing-environment.ts"

const db = useDatabase()
const never = new AbortController().signal
const CANARY = "cvc-complex-type.2.4.a: quartz umbrella violet is not expected"

/** A test installation whose reports are filed in this process, step after step. */
async function makeInstallation() {
  const installation = await makeFilingInstallation(db)
  const { kysely } = db.database
  const client = openCustodianClient(installation.site.socket())
  const alarms: string[] = []
  const deps = toFilingDeps({
    db: kysely,
    clock: systemClock,
    custodian: client,
    sealed: installation.sealed,
    isPaused: async () => false,
    retrySeconds: 1,
    leaseSeconds: 30,
    finishedHooks: [],
    alarmHeld: async (_at: unknown, _reportId: string, code: string) => void alarms.push(code),
  } as unknown as Parameters<typeof toFilingDeps>[0])
  const file = (reportId: ReportId) => fileReport(deps, reportId, never)
  const answers = (reportId: ReportId) => listAnswers({ db: kysely, sealed: installation.sealed }, reportId)
  /** Everything that the database holds of a report's steps and of all events, as text. */
  const stored = async (reportId: ReportId): Promise<string> => {
    const steps = await kysely.selectFrom("report_steps").selectAll().where("report_id", "=", reportId).execute()
    const events = await kysely.selectFrom("events").selectAll().execute()
    const plain = steps.map(({ answer, ...rest }) => ({ ...rest, answer: answer?.toString("latin1") }))
    return JSON.stringify([plain, events], (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value))
  }
  return { ...installation, kysely, client, alarms, file, answers, stored }
}

it("keeps every answer sealed: the receipt as it came, Request-IDs, ids and digests", async () => {
  const installation = await makeInstallation()
  const { reportId, mark } = await installation.approve()
  expect(await installation.file(reportId)).toBe("finished")

  const answers = await installation.answers(reportId)
  expect(answers.map(({ call }) => call)).toEqual(["open", "upload", "describe", "upload", "describe", "finish"])
  for (const { requestId, httpStatus, receivedSha256 } of answers) {
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(httpStatus).toBe(200)
    expect(receivedSha256).toMatch(/^[0-9a-f]{64}$/)
  }
  const [filed] = await installation.atTipline(mark)
  const uploads = answers.filter(({ call }) => call === "upload")
  expect(uploads.map(({ fileId, md5, sha256 }) => ({ fileId, md5, sha256 }))).toEqual(
    filed?.files.map(({ fileId, md5, sha256 }) => ({ fileId, md5, sha256 })),
  )
  const receipt = answers.at(-1)
  expect(receipt).toMatchObject({
    remoteReportId: filed?.reportId,
    files: filed?.files.map(({ fileId }) => fileId),
  })
  const received = await readReceived(
    { db: installation.kysely, sealed: installation.sealed },
    reportId,
    receipt?.ordinal ?? 0,
  )
  expect(Buffer.from(received, "base64").toString()).toBe(receipt?.text)
  expect(receipt?.text).toContain("<reportDoneResponse>")
  const journal = await installation.client.filings()
  expect(journal.filings.flatMap(({ attempts }) => attempts.map(({ state }) => state))).toContain("finished")
  await expect(
    readReceived({ db: installation.kysely, sealed: installation.sealed }, reportId, 99),
  ).rejects.toMatchObject({
    code: "not_found",
  })
  expect(await installation.stored(reportId)).not.toContain("reportDoneResponse")
})

it("shows why a report was refused only to people who may read it", async () => {
  const installation = await makeInstallation()
  await installation.simulator.admin.addFault({ on: "/submit", kind: "code", code: 4100, description: CANARY })
  const { reportId } = await installation.approve()
  expect(await installation.file(reportId)).toBe("held")

  const [refused] = await installation.answers(reportId)
  expect(refused).toMatchObject({ call: "open", kind: "rejected", responseCode: 4100, detail: CANARY })
  expect(refused?.text).toContain(CANARY)
  const head = await installation.read(reportId)
  expect(head).toMatchObject({ heldCode: "refused", heldResponseCode: 4100 })
  for (const word of ["cvc-complex-type", "umbrella"]) expect(await installation.stored(reportId)).not.toContain(word)
})

it("holds a report whose receipt names other files, with an alarm, until a person counts it as filed", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const installation = await makeInstallation()
  await installation.simulator.admin.addFault({ on: "/finish", kind: "other-file-ids" })
  const { reportId, mark } = await installation.approve()
  expect(await installation.file(reportId)).toBe("held")
  expect(installation.alarms).toEqual(["receipt-differs"])
  const [filed] = await installation.atTipline(mark)
  const held = await installation.read(reportId)
  expect(held).toMatchObject({ heldCode: "receipt-differs", remoteReportId: filed?.reportId })
  await expect(installation.withdraw(reportId)).rejects.toMatchObject({ code: "state_conflict" })

  await installation.resume(reportId)
  expect(await installation.file(reportId)).toBe("finished")
  expect(await installation.read(reportId)).toMatchObject({
    remoteReportId: filed?.reportId,
    receiptAcceptedBy: "person-rob",
  })
  expect(await installation.atTipline(mark)).toHaveLength(1)
})

it("holds a report of which the CyberTipline has another file, by its MD5, and files it again on request", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const installation = await makeInstallation()
  await installation.simulator.admin.addFault({ on: "/upload", kind: "wrong-md5" })
  const { reportId, mark } = await installation.approve()
  expect(await installation.file(reportId)).toBe("held")
  expect(installation.alarms).toEqual(["upload-differs"])
  expect((await installation.answers(reportId)).at(1)).toMatchObject({ kind: "differs", receivedMd5: "0".repeat(32) })
  expect((await installation.atTipline(mark)).map(({ state }) => state)).toEqual(["retracted"])

  await installation.resume(reportId)
  expect(await installation.file(reportId)).toBe("finished")
})

it("gets the receipt from the custodian if its answer was lost", async () => {
  const installation = await makeInstallation()
  const { reportId } = await installation.approve()
  const finish = installation.client.finish.bind(installation.client)
  installation.client.finish = async (grantId, attempt) => {
    installation.client.finish = finish
    await finish(grantId, attempt)
    throw new Error("the socket broke")
  }
  expect(await installation.file(reportId)).toBe("later")
  await installation.kysely.updateTable("reports").set({ next_try_at: null }).where("id", "=", reportId).execute()
  expect(await installation.file(reportId)).toBe("finished")
  const last = (await installation.answers(reportId)).at(-1)
  expect(last).toMatchObject({ call: "retract", text: expect.stringContaining("<reportDoneResponse>") })
})

it("keeps answers under the case's key alone: with it they are gone", async () => {
  const installation = await makeInstallation()
  const { reportId } = await installation.approve()
  await installation.file(reportId)
  const { caseId = "" } = (await installation.read(reportId)) ?? {}
  await installation.contextKeys.destroy(installation.kysely, caseId)
  await expect(installation.answers(reportId)).rejects.toMatchObject({ code: "not_found" })
})
