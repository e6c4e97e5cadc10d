import type { FilingAnswer } from "@nightlight/contract/custodian"
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
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { serveSite } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"

const DETAILS = { originalFileName: "canary.jpg" }

/** Long enough for a loaded machine, and short where a test waits for it. */
const answerMsOf = (lost?: Omit<Fault, "on">) => (lost?.kind.startsWith("timeout") === true ? 2_500 : 20_000)

async function makeInstallation(lost?: Omit<Fault, "on">) {
  const tipline = await startTipline()
  const served = await serveSite({ config: hostsOf(tipline, answerMsOf(lost)) })
  await giveCredentials(served)
  const reporters = await enrolReporters(served.socket)
  const evidence = await served.seal({ evidenceId: "item-1", content: await picture() })
  const proven = await filingGrant(reporters, { files: [{ evidence, details: DETAILS }] })
  const report = filer(() => served.socket, proven)
  const fault = (next: Fault) => tipline.admin.addFault(next)
  const states = async () => (await tipline.admin.state()).reports.map(({ state }) => state)
  const openTo = async (step: "open" | "upload" | "describe", attempt = 1) => {
    accepted(await report.open(attempt))
    if (step === "open") return ""
    const { fileId = "" } = accepted(await report.upload("item-1", attempt))
    if (step === "describe") accepted(await report.describe("item-1", { fileId, details: DETAILS, attempt }))
    return fileId
  }
  const state = async () => {
    const { attempts } = (await report.journal()).body as { attempts: { state: string; doubtful: boolean }[] }
    return attempts.map(({ state: now, doubtful }) => (doubtful ? `${now}?` : now))
  }
  return { served, tipline, report, fault, states, openTo, state }
}

const kindOf = ({ body }: { body: unknown }) => (body as FilingAnswer).kind

/** Answers that cannot be believed, whether or not the call took place. */
const EVERY_LOST: readonly Omit<Fault, "on">[] = [
  { kind: "timeout-before" },
  { kind: "timeout-after-commit" },
  { kind: "drop-before" },
  { kind: "drop-after-commit" },
  { kind: "code0-http500" },
  { kind: "doctype" },
  { kind: "malformed-xml" },
  { kind: "http-status", httpStatus: 502 },
].map((fault) => fault as Omit<Fault, "on">)

/** Every step interprets a lost answer in the same way, so all ways to lose one are tried only at submit. */
const AT_SUBMIT = ["timeout-after-commit", "drop-before", "code0-http500", "malformed-xml", "http-status"]
const AT_OTHERS = ["drop-before", "drop-after-commit", "http-status"]

/** `npm run verify:long` takes every loss at every step. */
const lostOf = (kinds: readonly string[]) =>
  EVERY_LOST.filter(({ kind }) => process.env["NIGHTLIGHT_LONG"] !== undefined || kinds.includes(kind))

describe("a lost answer", () => {
  it.each(lostOf(AT_SUBMIT))("to submit is abandoned, and the next attempt files one report ($kind)", async (lost) => {
    const { report, fault, states, openTo, state } = await makeInstallation(lost)
    await fault({ on: "/submit", ...lost } as Fault)
    expect(kindOf(await report.open())).toBe("unanswered")
    expect(await report.open(1)).toMatchObject({ status: 409, body: { state: "opening" } })
    expect(await report.open(2)).toMatchObject({ status: 409, body: { state: "opening" } })
    expect(await report.retract()).toMatchObject({ status: 409 })
    expect(await report.abandon()).toMatchObject({ status: 204 })
    await openTo("describe", 2)
    accepted(await report.finish(2))
    expect((await states()).filter((now) => now === "finished")).toHaveLength(1)
    expect(await state()).toEqual(["abandoned", "finished"])
  })

  it.each(lostOf(AT_OTHERS))("to upload is never followed by another in the same report ($kind)", async (lost) => {
    const { report, fault, tipline, openTo, state } = await makeInstallation(lost)
    await openTo("open")
    await fault({ on: "/upload", ...lost } as Fault)
    expect(kindOf(await report.upload("item-1"))).toBe("unanswered")
    expect(await report.upload("item-1")).toMatchObject({ status: 409, body: { reason: "wrong-state" } })
    expect(await report.finish()).toMatchObject({ status: 409 })
    expect(await state()).toEqual(["opened?"])
    accepted(await report.retract())
    await openTo("describe", 2)
    accepted(await report.finish(2))
    const { reports } = await tipline.admin.state()
    expect(reports.map(({ state: now, files }) => [now, files.length <= 1])).toEqual([
      ["retracted", true],
      ["finished", true],
    ])
  })

  it.each(lostOf(AT_OTHERS))("to fileinfo is settled by retract ($kind)", async (lost) => {
    const { report, fault, states, openTo } = await makeInstallation(lost)
    const fileId = await openTo("upload")
    await fault({ on: "/fileinfo", ...lost } as Fault)
    expect(kindOf(await report.describe("item-1", { fileId, details: DETAILS }))).toBe("unanswered")
    expect(await report.describe("item-1", { fileId, details: DETAILS })).toMatchObject({ status: 409 })
    accepted(await report.retract())
    await openTo("describe", 2)
    accepted(await report.finish(2))
    expect(await states()).toEqual(["retracted", "finished"])
  })

  it.each(lostOf(AT_OTHERS))("to finish is settled by retract, and one report is finished ($kind)", async (lost) => {
    const { report, fault, states, openTo, state } = await makeInstallation(lost)
    await openTo("describe")
    await fault({ on: "/finish", ...lost } as Fault)
    expect(kindOf(await report.finish())).toBe("unanswered")
    expect(await report.finish()).toMatchObject({ status: 409, body: { state: "finishing" } })
    expect(await report.open(2)).toMatchObject({ status: 409, body: { state: "finishing" } })
    expect(await state()).toEqual(["finishing?"])

    const settled = await report.retract()
    if (kindOf(settled) === "accepted") {
      await openTo("describe", 2)
      accepted(await report.finish(2))
    } else {
      expect(settled).toMatchObject({ body: { kind: "rejected", responseCode: 5102 } })
      expect(await state()).toEqual(["finished"])
      expect(accepted(await report.finish())).toHaveProperty("remoteReportId")
    }
    expect((await states()).filter((now) => now === "finished")).toHaveLength(1)
    expect((await states()).filter((now) => now === "open")).toEqual([])
  })

  it.each(lostOf(AT_OTHERS))("to retract leaves nothing to do but call it again ($kind)", async (lost) => {
    const { report, fault, states, openTo, state } = await makeInstallation(lost)
    await openTo("describe")
    await fault({ on: "/retract", ...lost } as Fault)
    expect(kindOf(await report.retract())).toBe("unanswered")
    expect(await report.finish()).toMatchObject({ status: 409 })
    expect(await report.open(2)).toMatchObject({ status: 409 })
    expect(await state()).toEqual(["opened?"])
    expect(["accepted", "rejected"]).toContain(kindOf(await report.retract()))
    expect(await state()).toEqual(["retracted"])
    await openTo("describe", 2)
    accepted(await report.finish(2))
    expect(await states()).toEqual(["retracted", "finished"])
  })
})

describe("a valid answer", () => {
  it("that the service has other bytes than were sent is not accepted: the report is retracted", async () => {
    const { report, fault, openTo, states } = await makeInstallation()
    await openTo("open")
    await fault({ on: "/upload", kind: "wrong-md5" })
    expect(await report.upload("item-1")).toMatchObject({
      body: {
        kind: "differs",
        receivedMd5: "0".repeat(32),
        requestId: expect.stringMatching(/./),
        received: expect.stringMatching(/./),
      },
    })
    expect(await report.finish()).toMatchObject({ status: 409 })
    accepted(await report.retract())
    expect(await states()).toEqual(["retracted"])
  })

  it("of a busy service lets finish be asked again", async () => {
    const { report, fault, openTo, states } = await makeInstallation()
    await openTo("describe")
    await fault({ on: "/finish", kind: "code", code: 1000 })
    expect(await report.finish()).toMatchObject({ body: { kind: "rejected", responseCode: 1000, retryable: true } })
    accepted(await report.finish())
    expect(await states()).toEqual(["finished"])
  })

  it("that a report has expired lets another be opened", async () => {
    const { report, tipline, openTo, states, state } = await makeInstallation()
    await openTo("describe")
    await tipline.admin.advanceClock(25 * 3_600_000)
    expect(await report.finish()).toMatchObject({ body: { kind: "rejected", responseCode: 5001 } })
    expect(await state()).toEqual(["retracted"])
    await openTo("describe", 2)
    accepted(await report.finish(2))
    expect(await states()).toEqual(["expired", "finished"])
  })

  it("that nothing was sent changes nothing", async () => {
    const { report, tipline, openTo, state } = await makeInstallation()
    await openTo("describe")
    await tipline.stop()
    expect(await report.finish()).toMatchObject({ body: { kind: "unsent" } })
    expect(await report.retract()).toMatchObject({ body: { kind: "unsent" } })
    expect(await state()).toEqual(["opened"])
  })
})

it("one grant opens a dozen reports at most, however often it is retracted", async () => {
  const { report, states } = await makeInstallation()
  for (let attempt = 1; attempt <= 12; attempt++) {
    accepted(await report.open(attempt))
    accepted(await report.retract(attempt))
  }
  expect(await report.open(13)).toMatchObject({ status: 403, body: { reason: "attempts-exceeded" } })
  expect(await states()).toHaveLength(12)
})

it("goes on after a long outage: attempts that opened nothing are not among the dozen", async () => {
  const { report, fault } = await makeInstallation()
  for (let attempt = 1; attempt <= 15; attempt++) {
    await fault({ on: "/submit", kind: "code", code: 1000 })
    expect(kindOf(await report.open(attempt))).toBe("rejected")
  }
  accepted(await report.open(16))
})
