import { createHash } from "node:crypto"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type CybertiplineClient, createClient, readReceipt } from "../src/index.ts"
import { type Simulator, startSimulator } from "../src/simulator/index.ts"
import { NOW, smallDetails, smallReport } from "./support/documents.ts"

const credentials = { username: "provider", password: "pass: wörd" }
let simulator: Simulator
let client: CybertiplineClient

beforeEach(async () => {
  simulator = await startSimulator({ credentials, clock: () => NOW })
  client = createClient({ credentials, baseUrl: simulator.baseUrl, clock: () => NOW })
})

afterEach(async () => {
  await client.close()
  await simulator.close()
})

async function* bytes(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text)
}

describe("a report", () => {
  it("is opened, given a file, described and finished", async () => {
    const opened = await client.submit(smallReport)
    if (opened.kind !== "accepted") throw new Error(opened.kind)
    expect(opened.requestId).toMatch(/^[0-9a-f-]{36}$/)
    const { reportId } = opened

    const md5 = createHash("md5").update("a generated shape").digest("hex")
    const uploaded = await client.upload(reportId, { content: bytes("a generated", " shape"), md5, sizeBytes: 17 })
    expect(uploaded).toMatchObject({ kind: "accepted", reportId, md5, sizeBytes: 17, httpStatus: 200 })
    if (uploaded.kind !== "accepted") return
    expect(uploaded.fileId).toMatch(/^[0-9a-f]{32}$/)

    const details = { ...smallDetails(reportId, uploaded.fileId), fileViewedByEsp: false }
    expect(await client.fileInfo(details)).toMatchObject({ kind: "accepted", reportId })

    const finished = await client.finish(reportId)
    expect(finished).toMatchObject({ kind: "accepted", reportId, fileIds: [uploaded.fileId] })
    expect(finished).toHaveProperty("receipt", expect.stringContaining("<reportDoneResponse>"))
    if (finished.kind !== "accepted") return
    expect(Buffer.from(finished.received).toString()).toBe(finished.receipt)
    expect(readReceipt(finished.received)).toEqual({ reportId, fileIds: [uploaded.fileId] })

    const [report] = simulator.state().reports
    expect(report).toMatchObject({
      reportId,
      state: "finished",
      files: [{ fileId: uploaded.fileId, md5, sizeBytes: 17 }],
    })
    expect(report?.files[0]?.details).toContain("<fileViewedByEsp>false</fileViewedByEsp>")
  })

  it("is opened by a document that was written before, byte for byte", async () => {
    const first = await client.submit(smallReport)
    expect(first.kind).toBe("accepted")
    const { xml } = simulator.state().reports[0]!
    expect(await client.submitXml(xml)).toMatchObject({ kind: "accepted" })
    expect(simulator.state().reports[1]?.xml).toBe(xml)
  })

  it("is retracted while it is open, and then no more", async () => {
    const opened = await client.submit(smallReport)
    if (opened.kind !== "accepted") throw new Error(opened.kind)
    expect(await client.retract(opened.reportId)).toMatchObject({ kind: "accepted" })
    const again = { kind: "rejected", class: "context", responseCode: 5101 }
    expect(await client.retract(opened.reportId)).toMatchObject(again)
    expect(await client.finish(opened.reportId)).toMatchObject(again)
  })
})

describe("the service", () => {
  it("says whose credentials it sees", async () => {
    expect(await client.status()).toMatchObject({ kind: "accepted", receipt: expect.stringContaining("provider") })
  })

  it("hands out its schema", async () => {
    const answer = await client.xsd()
    expect(answer).toMatchObject({ kind: "accepted", xsd: expect.stringContaining('<xs:element name="report">') })
  })

  it("refuses wrong credentials without a body", async () => {
    await using stranger = createClient({
      credentials: { ...credentials, password: "other" },
      baseUrl: simulator.baseUrl,
      clock: () => NOW,
    })
    const refused = await stranger.submit(smallReport)
    expect(refused).toMatchObject({ kind: "rejected", class: "auth", httpStatus: 401 })
    expect(refused).not.toHaveProperty("responseCode")
    expect(simulator.state().reports).toEqual([])
  })
})
