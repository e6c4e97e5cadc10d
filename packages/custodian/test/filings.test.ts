import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { FilingJournal } from "@nightlight/contract/custodian"
import {
  accepted,
  enrolReporters,
  filer,
  filingGrant,
  giveCredentials,
  hostsOf,
  REPORT,
  startTipline,
} from "@nightlight/dev-env/custodian/filing"
import { sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol, get, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, refusalsOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"
import { setCredentials } from "../src/index.ts"

const DETAILS = { originalFileName: "canary.jpg", fileViewedByEsp: false }

async function makeInstallation(config: Readonly<Record<string, unknown>> = {}, answerMs?: number) {
  const tipline = await startTipline()
  const served = await serveSite({ config: { ...hostsOf(tipline, answerMs), ...config } })
  await giveCredentials(served)
  const reporters = await enrolReporters(served.socket)
  const content = await picture()
  const evidence = await served.seal({ evidenceId: "item-1", content })
  const files = [{ evidence, details: DETAILS }]
  const file = (proven: Awaited<ReturnType<typeof filingGrant>>) => filer(() => served.socket, proven)
  const reports = async () => (await tipline.admin.state()).reports
  return { ...served, tipline, reporters, content, evidence, files, file, reports }
}

const bytesOf = (received = "") => Buffer.from(received, "base64").toString()

type Installation = Awaited<ReturnType<typeof makeInstallation>>

async function fileWhole(installation: Installation) {
  const proven = await filingGrant(installation.reporters, { files: installation.files })
  const report = installation.file(proven)
  const { remoteReportId } = accepted(await report.open())
  const upload = accepted(await report.upload("item-1"))
  const described = accepted(await report.describe("item-1", { fileId: upload.fileId ?? "", details: DETAILS }))
  const finished = accepted(await report.finish())
  return { proven, report, remoteReportId, upload, described, finished }
}

describe("a filing", () => {
  it("stores the receipt unchanged and sealed, with its digest and the call's Request-ID in the journal", async () => {
    const installation = await makeInstallation()
    const { finished } = await fileWhole(installation)
    const digest = sha256(Buffer.from(finished.received ?? "", "base64"))
    const [, ...rest] = (await journalOf(installation.dir)).filter(({ type }) => type === "filing.finished")
    expect(rest).toEqual([])
    expect((await journalOf(installation.dir)).find(({ type }) => type === "filing.finished")?.data).toMatchObject({
      receiptSha256: digest,
      receiptKept: 1,
      filesDiffer: 0,
      requestId: finished.requestId,
    })
    const folder = join(installation.dir, "receipts")
    const names = await readdir(folder)
    expect(names).toHaveLength(1)
    const kept = await readFile(join(folder, names[0] ?? ""))
    expect(kept.toString("latin1")).not.toContain(finished.remoteReportId ?? "none")
    expect((await stat(join(folder, names[0] ?? ""))).mode & 0o077).toBe(0)
  })

  it("records in the journal that a receipt names other files than were uploaded", async () => {
    const installation = await makeInstallation()
    await installation.tipline.admin.addFault({ on: "/finish", kind: "other-file-ids" })
    const { finished, report } = await fileWhole(installation)
    expect(finished.files).toEqual(["0".repeat(32)])
    const event = (await journalOf(installation.dir)).find(({ type }) => type === "filing.finished")
    expect(event?.data).toMatchObject({ filesDiffer: 1 })
    expect(accepted(await report.finish()).files).toEqual(["0".repeat(32)])
  })

  it("opens, uploads, describes and finishes one report", async () => {
    const installation = await makeInstallation()
    const { remoteReportId, upload, finished, report } = await fileWhole(installation)

    const [filed, ...others] = await installation.reports()
    expect(others).toEqual([])
    expect(filed).toMatchObject({ reportId: remoteReportId, state: "finished" })
    expect(filed?.files).toMatchObject([{ fileId: upload.fileId, sha256: sha256(installation.content) }])
    expect(upload).toMatchObject({
      sha256: sha256(installation.content),
      md5: createHash("md5").update(installation.content).digest("hex"),
    })
    expect(finished).toMatchObject({ remoteReportId, files: [upload.fileId] })
    expect(bytesOf(finished.received)).toContain("<reportDoneResponse>")
    expect(FilingJournal.parse((await report.journal()).body)).toMatchObject({
      reportId: "report-1",
      attempts: [{ attempt: 1, state: "finished", doubtful: false, files: [{ state: "described" }] }],
    })
    expect(
      (await journalOf(installation.dir)).map(({ type }) => type).filter((type) => type.startsWith("filing.")),
    ).toEqual([
      "filing.file",
      "filing.opening",
      "filing.opened",
      "filing.uploading",
      "filing.uploaded",
      "filing.describing",
      "filing.described",
      "filing.finishing",
      "filing.finished",
    ])
  })

  it("that is finished always answers as finished, and files nothing again", async () => {
    const installation = await makeInstallation()
    const { report, remoteReportId, upload, finished } = await fileWhole(installation)
    await installation.restart()

    const state = { type: "state_conflict", reason: "wrong-state", state: "finished", remoteReportId }
    expect(await report.open(1)).toMatchObject({ status: 409, body: state })
    expect(await report.open(2)).toMatchObject({ status: 409, body: state })
    expect(await report.upload("item-1")).toMatchObject({ status: 409, body: state })
    expect(await report.retract()).toMatchObject({ status: 409, body: state })
    expect(accepted(await report.finish())).toMatchObject({
      remoteReportId,
      files: [upload.fileId],
      received: finished.received,
    })

    const another = await filingGrant(installation.reporters, { files: installation.files })
    expect(await installation.file(another).open()).toMatchObject({ status: 409, body: { reason: "report-filed" } })
    expect(await installation.reports()).toHaveLength(1)
  })

  it("answers each repeated step without doing it twice", async () => {
    const installation = await makeInstallation()
    const report = installation.file(await filingGrant(installation.reporters, { files: installation.files }))
    const [first, second] = await Promise.all([report.open(), report.open()])
    expect(accepted(first).remoteReportId).toBe(accepted(second).remoteReportId)
    const uploads = await Promise.all([report.upload("item-1"), report.upload("item-1")])
    const [fileId = "", ...others] = new Set(uploads.map((upload) => accepted(upload).fileId))
    expect(others).toEqual([])
    for (let n = 0; n < 2; n++) accepted(await report.describe("item-1", { fileId, details: DETAILS }))
    expect(await installation.reports()).toMatchObject([{ state: "open", files: [{ fileId }] }])
  })

  it("of two grants for one report at once opens one", async () => {
    const installation = await makeInstallation()
    const grants = [await filingGrant(installation.reporters), await filingGrant(installation.reporters)]
    const answers = await Promise.all(grants.map((proven) => installation.file(proven).open()))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
    expect(await installation.reports()).toHaveLength(1)
  })

  it("lists what happened since an event, for a server that was restored from a backup", async () => {
    const installation = await makeInstallation()
    const { proven } = await fileWhole(installation)
    const all = await get(installation.socket, "/v1/filings?since=0")
    expect(all.body).toMatchObject({ filings: [{ grantId: proven.grant.grantId, attempts: [{ state: "finished" }] }] })
    const { seq } = all.body as { seq: number }
    expect((await get(installation.socket, `/v1/filings?since=${seq}`)).body).toMatchObject({ filings: [] })
    expect(await get(installation.socket, "/v1/filings/unknown")).toMatchObject({ status: 404 })
  })
})

describe("a filing is refused", () => {
  const refused: [string, (installation: Installation) => Promise<unknown>, string][] = [
    [
      "with another document than was granted",
      async ({ file, reporters }) => file(await filingGrant(reporters)).open(1, { ...REPORT, additionalInfo: "other" }),
      "other-document",
    ],
    [
      "with a document that the model does not allow",
      async ({ file, reporters }) => {
        const document = { ...REPORT, incidentSummary: { incidentType: "canary" } }
        return file(await filingGrant(reporters, { document })).open(1, document)
      },
      "document-invalid",
    ],
    [
      "without a document",
      async ({ file, reporters }) => file(await filingGrant(reporters)).open(1, null),
      "other-document",
    ],
    [
      "to one person who says nothing of it",
      async ({ file, reporters: [rob] }) => file(await filingGrant([rob!], { singlePerson: false })).open(),
      "one-person",
    ],
    [
      "to one person where the configuration asks for two",
      async ({ file, reporters: [rob] }) => file(await filingGrant([rob!])).open(),
      "one-person",
    ],
    [
      "prepared by counsel",
      async ({ file, reporters: [rob, cora] }) => file(await filingGrant([cora!, rob!])).open(),
      "role-missing",
    ],
    [
      "approved by a reviewer",
      async ({ file, reporters: [rob], socket }) =>
        file(await filingGrant([rob!, await enrol(socket, "ann", ["reviewer"])])).open(),
      "role-missing",
    ],
    [
      "that is valid for longer than a day",
      async ({ file, reporters }) =>
        file(await filingGrant(reporters, { expiresAt: new Date(Date.now() + 25 * 3_600_000).toISOString() })).open(),
      "valid-too-long",
    ],
    [
      "to the production host, which is off",
      async ({ file, reporters }) => file(await filingGrant(reporters, { environment: "production" })).open(),
      "host-not-ready",
    ],
    [
      "at its second attempt, before there was a first",
      async ({ file, reporters }) => file(await filingGrant(reporters)).open(2),
      "wrong-state",
    ],
    [
      "on a grant to look",
      async ({ file, socket, evidence }) => {
        const ann = await enrol(socket, "ann", ["reviewer"])
        const { grant } = await viewingGrant(ann, evidence)
        return file(await prove(grant, ann)).open()
      },
      "other-purpose",
    ],
  ]

  it.each(refused)("%s", async (_, ask, reason) => {
    const installation = await makeInstallation()
    expect(await ask(installation)).toMatchObject({ body: { reason } })
    expect(await refusalsOf(installation.dir)).toEqual([reason])
    expect(await journalOf(installation.dir, "grant.used")).toEqual([])
    expect(await installation.reports()).toEqual([])
  })

  it("with a filing's grant in a viewing", async () => {
    const installation = await makeInstallation()
    const proven = await filingGrant(installation.reporters)
    expect(await post(installation.socket, "/v1/viewings", proven)).toMatchObject({ body: { reason: "other-purpose" } })
  })

  it("without credentials for its host", async () => {
    const tipline = await startTipline()
    const served = await serveSite({ config: hostsOf(tipline) })
    const proven = await filingGrant(await enrolReporters(served.socket))
    expect(await filer(() => served.socket, proven).open()).toMatchObject({ body: { reason: "host-not-ready" } })
  })

  it("with another document under a grant's id that was used", async () => {
    const installation = await makeInstallation()
    const proven = await filingGrant(installation.reporters)
    accepted(await installation.file(proven).open())
    const other = await filingGrant(installation.reporters, {
      grantId: proven.grant.grantId,
      document: { ...REPORT, additionalInfo: "other" },
    })
    const answer = await installation.file(other).open(1, { ...REPORT, additionalInfo: "other" })
    expect(answer).toMatchObject({ body: { reason: "replayed" } })
  })

  it("for files that the grant does not name, details that it does not hold, and before they are there", async () => {
    const installation = await makeInstallation()
    await installation.seal({ evidenceId: "item-2", content: await picture(2) })
    const report = installation.file(await filingGrant(installation.reporters, { files: installation.files }))
    accepted(await report.open())
    expect(await report.finish()).toMatchObject({ body: { reason: "wrong-state" } })
    expect(await report.upload("item-2")).toMatchObject({ body: { reason: "other-evidence" } })
    expect(await report.describe("item-1", { fileId: "f", details: DETAILS })).toMatchObject({
      body: { reason: "wrong-state" },
    })
    const { fileId = "" } = accepted(await report.upload("item-1"))
    expect(await report.describe("item-1", { fileId, details: { ...DETAILS, fileViewedByEsp: true } })).toMatchObject({
      body: { reason: "other-document" },
    })
    expect(await report.describe("item-1", { fileId: "another", details: DETAILS })).toMatchObject({
      body: { reason: "wrong-state" },
    })
    expect(await report.finish()).toMatchObject({ body: { reason: "wrong-state" } })
  })

  it("for evidence that is not what was granted, before anything of it is sent", async () => {
    const installation = await makeInstallation()
    const evidence = { ...installation.evidence, ciphertextSha256: "0".repeat(64) }
    const report = installation.file(
      await filingGrant(installation.reporters, { files: [{ evidence, details: DETAILS }] }),
    )
    accepted(await report.open())
    expect(await report.upload("item-1")).toMatchObject({
      body: { reason: "evidence-faulty", fault: "ciphertext-differs" },
    })
    expect(await installation.reports()).toMatchObject([{ files: [] }])
  })
})

it("one person files alone where the configuration allows it, and the journal says so", async () => {
  const installation = await makeInstallation({ singlePersonFiling: true })
  accepted(await installation.file(await filingGrant(installation.reporters.slice(0, 1))).open())
  expect(await journalOf(installation.dir, "grant.used")).toMatchObject([
    { data: { singlePerson: true, provenBy: ["rob"] } },
  ])
})

it("the production host is whichever the custodian's own configuration pins, with credentials of its own", async () => {
  const tipline = await startTipline("production")
  const hosts = { production: { enabled: true, baseUrl: tipline.baseUrl } }
  const served = await serveSite({ config: { hosts } })
  await giveCredentials(served, "production")
  const proven = await filingGrant(await enrolReporters(served.socket), { environment: "production" })
  const report = filer(() => served.socket, proven)
  accepted(await report.open())
  accepted(await report.finish())
  expect((await tipline.admin.state()).reports).toMatchObject([{ state: "finished" }])
  expect(await get(served.socket, "/v1/state")).toMatchObject({ body: { environments: ["production"] } })
})

it("wrong credentials are said as a refusal without a code, and the next attempt may follow", async () => {
  const installation = await makeInstallation()
  await setCredentials(installation.dir, "test", { username: "esp-1", password: "another" })
  const report = installation.file(await filingGrant(installation.reporters))
  expect(await report.open()).toMatchObject({
    status: 200,
    body: { kind: "rejected", httpStatus: 401, retryable: false },
  })
  await giveCredentials(installation)
  accepted(await report.open(2))
  expect(await installation.reports()).toHaveLength(1)
})
