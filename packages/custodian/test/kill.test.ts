import { MINUTE_MS } from "@nightlight/core"
import type { Fault } from "@nightlight/cybertipline/simulator"
import {
  accepted,
  enrolReporters,
  filer,
  filingGrant,
  giveCredentials,
  hostsOf,
  startTipline,
} from "@nightlight/dev-env/custodian/filing"
import { enrol, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { spawnSite, until, untilJournaled } from "@nightlight/dev-env/custodian/process"
import { journalOf } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"

const DETAILS = { originalFileName: "canary.jpg" }

async function makeInstallation() {
  const tipline = await startTipline()
  const site = await spawnSite(hostsOf(tipline))
  await giveCredentials(site)
  const reporters = await enrolReporters(site.socket())
  const evidence = await site.seal({ evidenceId: "item-1", content: await picture() })
  const report = filer(site.socket, await filingGrant(reporters, { files: [{ evidence, details: DETAILS }] }))
  const fileFrom = async (attempt: number) => {
    accepted(await report.open(attempt))
    const { fileId = "" } = accepted(await report.upload("item-1", attempt))
    accepted(await report.describe("item-1", { fileId, details: DETAILS, attempt }))
    return accepted(await report.finish(attempt))
  }
  /** Sends a call that is never answered, and kills the custodian once its journal says that it is about to act. */
  const killAt = async ({ event, kind, on }: Moment, ask: () => Promise<unknown>) => {
    await tipline.admin.addFault({ on, kind })
    const before = JSON.stringify((await tipline.admin.state()).reports)
    const asked = ask().catch(() => "connection lost")
    await untilJournaled(site.dir, event)
    const hasChanged = async () => JSON.stringify((await tipline.admin.state()).reports) !== before
    if (kind === "timeout-after-commit") await until(hasChanged)
    await site.kill()
    expect(await asked).toBe("connection lost")
    await site.start()
    // The request may never have left; one that did has long met its fault by now.
    await tipline.admin.clearFaults()
  }
  return { ...site, tipline, report, fileFrom, killAt, reporters, evidence }
}

interface Moment {
  readonly event: string
  readonly on: Fault["on"]
  readonly kind: "timeout-before" | "timeout-after-commit"
}

/** Before the call and behind it the journal says the same: kills before it, but at finish, are `npm run verify:long`'s. */
const MOMENTS = (["timeout-before", "timeout-after-commit"] as const).filter(
  (kind) => process.env["NIGHTLIGHT_LONG"] !== undefined || kind === "timeout-after-commit",
)

describe("a custodian killed between its journal and its action", () => {
  it("has used up the grant of a viewing all the same", { timeout: 3 * MINUTE_MS }, async () => {
    const { socket, dir, seal, kill, start } = await spawnSite()
    const ann = await enrol(socket(), "ann", ["reviewer"])
    const evidence = await seal({ evidenceId: "item-1", content: await picture(1, 3000, 2000) })
    const proven = await prove((await viewingGrant(ann, evidence)).grant, ann)
    const asked = post(socket(), "/v1/viewings", proven).catch(() => undefined)
    await untilJournaled(dir, "grant.used")
    await kill()
    await asked
    await start()
    expect(await post(socket(), "/v1/viewings", proven)).toMatchObject({ status: 409, body: { reason: "replayed" } })
  })

  it.each(MOMENTS)(
    "at submit submits nothing again on its own, and files once after abandoning (%s)",
    { timeout: 3 * MINUTE_MS },
    async (kind) => {
      const installation = await makeInstallation()
      await installation.killAt({ event: "filing.opening", on: "/submit", kind }, () => installation.report.open())
      expect(await installation.report.open()).toMatchObject({ status: 409, body: { state: "opening" } })
      expect(await installation.report.abandon()).toMatchObject({ status: 204 })
      await installation.fileFrom(2)
      const { reports } = await installation.tipline.admin.state()
      expect(reports.filter(({ state }) => state === "finished")).toHaveLength(1)
    },
  )

  it.each(MOMENTS)("at upload uploads nothing twice to one report (%s)", { timeout: 3 * MINUTE_MS }, async (kind) => {
    const installation = await makeInstallation()
    accepted(await installation.report.open())
    await installation.killAt({ event: "filing.uploading", on: "/upload", kind }, () =>
      installation.report.upload("item-1"),
    )
    expect(await installation.report.upload("item-1")).toMatchObject({ status: 409, body: { reason: "wrong-state" } })
    accepted(await installation.report.retract())
    await installation.fileFrom(2)
    const { reports } = await installation.tipline.admin.state()
    expect(reports.map(({ state, files }) => [state, files.length])).toEqual([
      ["retracted", kind === "timeout-before" ? 0 : 1],
      ["finished", 1],
    ])
  })

  it.each(["timeout-before", "timeout-after-commit"] as const)(
    "at finish finishes once (%s)",
    { timeout: 3 * MINUTE_MS },
    async (kind) => {
      const installation = await makeInstallation()
      accepted(await installation.report.open())
      const { fileId = "" } = accepted(await installation.report.upload("item-1"))
      accepted(await installation.report.describe("item-1", { fileId, details: DETAILS }))
      await installation.killAt({ event: "filing.finishing", on: "/finish", kind }, () => installation.report.finish())
      expect(await installation.report.finish()).toMatchObject({ status: 409, body: { state: "finishing" } })
      const retracted = await installation.report.retract()
      if (kind === "timeout-before") {
        accepted(retracted)
        await installation.fileFrom(2)
      } else {
        expect(retracted).toMatchObject({ body: { kind: "rejected", responseCode: 5102 } })
      }
      const another = filer(installation.socket, await filingGrant(installation.reporters))
      expect(await another.open()).toMatchObject({ status: 409, body: { reason: "report-filed" } })
      const { reports } = await installation.tipline.admin.state()
      expect(reports.filter(({ state }) => state === "finished")).toHaveLength(1)
      expect(reports.filter(({ state }) => state === "open")).toEqual([])
    },
  )
})

it("continues after an orderly end, and records both in its journal", { timeout: 3 * MINUTE_MS }, async () => {
  const installation = await makeInstallation()
  const { remoteReportId } = accepted(await installation.report.open())
  process.kill(installation.pid(), "SIGTERM")
  await untilJournaled(installation.dir, "custodian.stopped")
  await installation.start()
  expect(accepted(await installation.report.open()).remoteReportId).toBe(remoteReportId)
  expect((await journalOf(installation.dir, "custodian.started")).length).toBe(2)
})
