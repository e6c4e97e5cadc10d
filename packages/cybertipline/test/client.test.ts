import { Agent, MockAgent } from "undici"
import { describe, expect, it } from "vitest"
import {
  BASE_URLS,
  type ClientOptions,
  classifyResponseCode,
  createClient,
  RESPONSE_CODES,
  writeReport,
} from "../src/index.ts"
import { startSimulator } from "../src/simulator/index.ts"
import { batchedReport, NOW, smallDetails, smallReport } from "./support/documents.ts"

const credentials = { username: "provider", password: "password" }

/** Which origin a call of a client would go to, without going there. */
async function originOf(options: Partial<ClientOptions>): Promise<string> {
  const dispatcher = new MockAgent()
  dispatcher.disableNetConnect()
  const origins: string[] = []
  dispatcher.enableCallHistory()
  const client = createClient({ credentials, dispatcher, ...options })
  await client.status()
  for (const call of dispatcher.getCallHistory()?.calls() ?? []) origins.push(`${call.origin}${call.path}`)
  await dispatcher.close()
  return origins.join()
}

describe("a client", () => {
  it("uses the test host unless production is named explicitly", async () => {
    expect(await originOf({})).toBe("https://exttest.cybertip.org/ispws/status")
    expect(await originOf({ environment: "test" })).toBe("https://exttest.cybertip.org/ispws/status")
    expect(await originOf({ environment: "production" })).toBe("https://report.cybertip.org/ispws/status")
    expect(createClient({ credentials })).toMatchObject({ environment: "test", baseUrl: BASE_URLS.test })
  })

  it("goes to a pinned address of its environment", async () => {
    const baseUrl = "https://pinned.example:8443/ispws/"
    expect(await originOf({ environment: "production", baseUrl })).toBe("https://pinned.example:8443/ispws/status")
  })

  it.each<[string, object]>([
    ["the production host for a test", { baseUrl: BASE_URLS.production }],
    ["the production host, spelled otherwise", { baseUrl: "https://REPORT.cybertip.org.:443/other" }],
    ["the test host for production", { environment: "production", baseUrl: BASE_URLS.test }],
    ["http beyond this machine", { baseUrl: "http://simulator.example/ispws" }],
    ["a host that only looks like this machine", { baseUrl: "http://127.0.0.1.example/ispws" }],
    ["credentials in the address", { baseUrl: "https://a:b@simulator.example/ispws" }],
    ["a query", { baseUrl: "https://simulator.example/ispws?a=b" }],
    ["another scheme", { baseUrl: "ftp://127.0.0.1/" }],
    ["no address", { baseUrl: "simulator" }],
    ["an environment that is none", { environment: "live" }],
    ["a name with a colon", { credentials: { username: "a:b", password: "c" } }],
    ["a name with a line end", { credentials: { username: "a\nb", password: "c" } }],
    ["no password", { credentials: { username: "a", password: "" } }],
  ])("refuses %s", (_, options) => {
    expect(() => createClient({ credentials, ...options })).toThrow(
      expect.objectContaining({ code: "options_invalid" }),
    )
  })

  it("sends nothing that is not valid", async () => {
    await using simulator = await startSimulator({ credentials, clock: () => NOW })
    await using client = createClient({ credentials, baseUrl: simulator.baseUrl, clock: () => NOW })
    const future = {
      ...smallReport,
      incidentSummary: { ...smallReport.incidentSummary, incidentDateTime: "2026-07-01T00:00:00Z" },
    }
    await expect(client.submit(future)).rejects.toMatchObject({
      code: "report_invalid",
      problems: [{ path: "incidentSummary.incidentDateTime", code: "in_future" }],
    })
    await expect(client.submitXml("<canary")).rejects.toMatchObject({ code: "report_invalid", problems: [] })
    const { xml } = writeReport(smallReport)
    await expect(client.submitXml(xml.replace("UTF-8", "ISO-8859-1"))).rejects.toMatchObject({ code: "report_invalid" })
    await expect(client.submitXml("<report><canary/></report>")).rejects.toThrow(/^(?!.*canary)/)
    const unseen = { ...smallDetails(), exifViewedByEsp: true }
    await expect(client.fileInfo(unseen)).rejects.toMatchObject({ code: "file_details_invalid" })
    await expect(client.fileInfo(smallDetails(), { batched: true })).rejects.toMatchObject({
      code: "file_details_invalid",
    })
    expect(simulator.state().calls).toEqual([])
  })

  it("sends members of the later edition only when that is switched on", async () => {
    const report = {
      ...smallReport,
      personOrUserReported: [{ personOrUserReportedPerson: { ageAssertionDiscrepancy: true } }],
    }
    await using simulator = await startSimulator({ credentials, clock: () => NOW, schemaVersion: "2026-08" })
    const options = { credentials, baseUrl: simulator.baseUrl, clock: () => NOW }
    await using client = createClient(options)
    await expect(client.submit(report)).rejects.toMatchObject({ problems: [{ code: "not_in_version" }] })
    await using later = createClient({ ...options, schemaVersion: "2026-08" })
    expect(await later.submit(report)).toMatchObject({ kind: "accepted" })
    expect(simulator.state().reports[0]?.xml).toContain("<ageAssertionDiscrepancy>true</ageAssertionDiscrepancy>")
  })

  it("leaves a dispatcher that is not its own open", async () => {
    await using simulator = await startSimulator({ credentials })
    const dispatcher = new Agent()
    const options = { credentials, baseUrl: simulator.baseUrl, dispatcher }
    const first = createClient(options)
    await first.close()
    await first.close()
    expect(await createClient(options).status()).toMatchObject({ kind: "accepted" })
    await dispatcher.close()
  })

  it("files a batched report", async () => {
    await using simulator = await startSimulator({ credentials, clock: () => NOW })
    await using client = createClient({ credentials, baseUrl: simulator.baseUrl, clock: () => NOW })
    const opened = await client.submit(batchedReport)
    if (opened.kind !== "accepted") throw new Error(opened.kind)
    const content = new Blob(["a shape"]).stream()
    const uploaded = await client.upload(opened.reportId, { content })
    if (uploaded.kind !== "accepted") throw new Error(uploaded.kind)
    const details = { reportId: opened.reportId, fileId: uploaded.fileId, fileAnnotations: { viral: true } } as const
    expect(await client.fileInfo(details, { batched: true })).toMatchObject({ kind: "accepted" })
    expect(await client.finish(opened.reportId)).toMatchObject({ kind: "accepted", fileIds: [uploaded.fileId] })
  })
})

describe("a response code", () => {
  it.each([
    ["success", [0]],
    ["retryable", [1000, 1100, 1110, 1111, 1300]],
    ["auth", [2000, 3000, 3100, 3300]],
    ["terminal", [1210, 4000, 4100, 4110, 4200]],
    ["context", [5001, 5002, 5101, 5102]],
    ["unknown", [-1, 1, 1001, 9999]],
  ])("is %s", (found, codes) => {
    expect(codes.map(classifyResponseCode)).toEqual(codes.map(() => found))
  })

  it("has a class if the documentation lists it", () => {
    expect(Object.values(RESPONSE_CODES).map(classifyResponseCode)).not.toContain("unknown")
  })
})
