import { documentDigest } from "@nightlight/contract/custodian"
import { compact } from "@nightlight/core"
import { accepted, REPORT, TEMPLATE } from "@nightlight/dev-env/custodian/filing"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { describe, expect, it } from "vitest"
import { DETAILS, makeInstallation } from "./support/authorisation-installation.ts"

describe("an automatic filing", () => {
  it("is refused for a document that says more than the template, or has another fixed part", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    const { incidentSummary, reporter } = REPORT
    for (const document of [
      { ...REPORT, reporter: { reportingPerson: { email: [{ value: "other@esp.example" }] } } },
      { ...REPORT, reporter: { ...reporter, companyTemplate: "another" } },
      { ...REPORT, incidentSummary: { ...incidentSummary, incidentType: "Child Sex Trafficking" } },
      { ...REPORT, incidentSummary: { ...incidentSummary, platform: "another" } },
      { ...REPORT, incidentSummary: { ...incidentSummary, escalateToHighPriority: "now" } },
      { ...REPORT, intendedRecipient: [{ firstName: "any" }] },
      { ...REPORT, internetDetails: [{ cellPhoneIncident: { phoneNumber: { value: "1" } } }] },
      { ...REPORT, personOrUserReported: [{ espIdentifier: "a", personOrUserReportedPerson: { firstName: "any" } }] },
    ]) {
      const asked = await installation.automatic(authorisationId, { documentSha256: await documentDigest(document) })
      const { status, body } = await asked.open(1, document)
      expect({ status, reason: (body as { reason: string }).reason }).toSatisfy(
        ({ reason }: { reason: string }) => reason === "other-template" || reason === "document-invalid",
      )
    }
    expect(await installation.reports()).toEqual([])
  })

  it("says what two people signed, with values that the custodian measured or that have the slot's form", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    const before = await installation.automatic(authorisationId)
    const { remoteReportId = "" } = accepted(await before.open())
    const { fileId = "" } = accepted(await before.upload("item-1"))
    accepted(await before.describe("item-1", { fileId, details: DETAILS, template: TEMPLATE }))
    accepted(await before.finish())
    const varied = {
      ...REPORT,
      incidentSummary: { ...REPORT.incidentSummary, incidentDateTimeDescription: "Time of the item." },
      internetDetails: [
        { webPageIncident: { thirdPartyHostedContent: true, url: ["https://site.example/a b".replace(" ", "%20")] } },
      ],
      personOrUserReported: [{ espIdentifier: "account-1", espService: "Example", priorCTReports: [remoteReportId] }],
      additionalInfo: [
        "1 items in 7 places.",
        `Earlier reports: ${remoteReportId}.`,
        `SHA-256: ${installation.sha256}; source: https://site.example/1; shard: part-0.tar; found: 2026-01-02T03:04:05.000Z`,
        "shard: part-1.tar",
      ].join("\n"),
    }
    const asked = await installation.automatic(authorisationId, { documentSha256: await documentDigest(varied) })
    accepted(await asked.open(1, varied))
    expect(await installation.reports()).toHaveLength(2)
  })

  const info = (text: string) => ({ additionalInfo: text })
  const person = (more: object) => ({ personOrUserReported: [{ espIdentifier: "account-1", ...more }] })
  const place = (url: readonly string[], more: object = {}) => ({
    internetDetails: [{ webPageIncident: { url, ...more } }],
  })
  const summary = (more: object) => ({ incidentSummary: { ...REPORT.incidentSummary, ...more } })

  const attempts: readonly [member: string, what: string, more: object][] = [
    ["additionalInfo", "a text of the server's own", info("Somebody is guilty of this.")],
    ["additionalInfo", "such a text behind a signed line", info("canary-report\nSomebody is guilty.")],
    ["additionalInfo", "such a text within a signed line", info("canary-report Somebody is guilty.")],
    ["additionalInfo", "another count of files", info("2 items in 7 places.")],
    ["additionalInfo", "words for a number", info("1 items in many places.")],
    ["additionalInfo", "a digest that the file has not", info(`SHA-256: ${"0".repeat(64)}`)],
    ["additionalInfo", "an address that is none", info("source: javascript:alert(1)")],
    ["additionalInfo", "an address with credentials", info("source: https://a:b@site.example/")],
    ["additionalInfo", "a sentence for a name", info("shard: somebody is guilty")],
    ["additionalInfo", "parts in another order", info("shard: a; source: https://site.example/")],
    ["additionalInfo", "a part twice", info("shard: a; shard: b")],
    ["additionalInfo", "a day that is none", info("found: 2026-13-41T99:99:99Z")],
    ["additionalInfo", "an earlier report that was never filed", info("Earlier reports: 999999.")],
    ["additionalInfo", "more lines than there can be", info(Array(300).fill("canary-report").join("\n"))],
    ["incidentDateTimeDescription", "a text", summary({ incidentDateTimeDescription: "When he did it." })],
    ["incidentDateTime", "no time", summary({ incidentDateTime: "yesterday" })],
    ["chatImIncident", "a chat", { internetDetails: [{ chatImIncident: { content: "a chat" } }] }],
    ["url", "another scheme", place(["ftp://site.example/"])],
    ["url", "a text", place(["somebody is guilty"])],
    ["url", "credentials", place(["https://a:b@site.example/"])],
    ["url", "too long an address", place([`https://site.example/${"a".repeat(2083)}`])],
    ["url", "too many addresses", place(Array(201).fill("https://site.example/"))],
    ["additionalInfo", "a text about the page", place([], { additionalInfo: "any text" })],
    ["thirdPartyHostedContent", "that it is ours", place([], { thirdPartyHostedContent: false })],
    ["espIdentifier", "lines", person({ espIdentifier: "a\nb" })],
    ["espIdentifier", "a long text", person({ espIdentifier: "a".repeat(256) })],
    ["espService", "another service", person({ espService: "Somebody else's" })],
    ["ipCaptureEvent", "an address", person({ ipCaptureEvent: [{ ipAddress: "192.0.2.1", eventName: "Upload" }] })],
    ["priorCTReports", "a report that was never filed", person({ priorCTReports: ["999999"] })],
    ["displayName", "a name", person({ displayName: ["Somebody"] })],
    ["intendedRecipient", "a recipient", { intendedRecipient: [{ firstName: "any" }] }],
  ]

  it("is refused for every text, address and number that does not fit the template, in any member", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    for (const [member, what, more] of attempts) {
      const document = { ...REPORT, ...more }
      const asked = await installation.automatic(authorisationId, { documentSha256: await documentDigest(document) })
      const { status, body } = await asked.open(1, document)
      const { reason, member: named } = body as { readonly reason: string; readonly member?: string }
      expect(status, what).toBeGreaterThanOrEqual(400)
      // A document that the CyberTipline's own form does not take is refused before.
      if (reason !== "document-invalid") expect([reason, named], what).toEqual(["other-template", member])
    }
    expect(await installation.reports()).toEqual([])
  })

  const ofFiles: readonly [what: string, more: object][] = [
    ["a text of the server's own", { additionalInfo: ["Somebody is guilty of this."] }],
    ["two texts", { additionalInfo: ["Exact match.", "Exact match."] }],
    ["another address than one of the web", { locationOfFile: "ftp://site.example/" }],
    ["a digest that the file has not", { originalFileHash: [{ value: "0".repeat(64), hashType: "SHA256" }] }],
    ["a classification", { industryClassification: "A1" }],
    ["an annotation", { fileAnnotations: { viral: true } }],
    ["another relevance", { fileRelevance: "Supplemental Reported" }],
  ]

  it("is refused for every statement about a file that two people did not sign", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand({ dailyCap: 100 })
    for (const [what, more] of ofFiles) {
      const details = { ...DETAILS, ...more }
      const report = await installation.automatic(authorisationId, {}, [
        { evidence: installation.files[0]!.evidence, details },
      ])
      accepted(await report.open())
      const { fileId = "" } = accepted(await report.upload("item-1"))
      const answer = await report.describe("item-1", { fileId, details, template: TEMPLATE })
      expect(answer, what).toMatchObject({ status: 403, body: { reason: "other-template" } })
      accepted(await report.retract())
    }
  })

  it("describes a file by its own digests and only by signed text, under the signed template", async () => {
    const installation = await makeInstallation()
    const originalFileHash = [{ value: installation.sha256, hashType: "SHA256" }]
    const details = { ...DETAILS, additionalInfo: ["Exact match."], originalFileHash }
    const report = await installation.automatic(await installation.stand(), {}, [
      { evidence: installation.files[0]!.evidence, details },
    ])
    accepted(await report.open())
    const { fileId = "" } = accepted(await report.upload("item-1"))
    const other = { ...TEMPLATE, files: ["Exact match.", "Somebody is guilty."] }
    for (const template of [undefined, other]) {
      const given = compact({ fileId, details, template })
      expect(await report.describe("item-1", given)).toMatchObject({ body: { reason: "other-template" } })
    }
    accepted(await report.describe("item-1", { fileId, details, template: TEMPLATE }))
  })

  it("names only the account that was sealed with a file, if there was one", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    const evidence = await installation.seal({
      evidenceId: "item-2",
      content: await picture(1),
      context: { finding: "finding-item-2", account: "account-1" },
    })
    const file = async (espIdentifier: string) => {
      const document = { ...REPORT, personOrUserReported: [{ espIdentifier }] }
      const documentSha256 = await documentDigest(document)
      const asked = await installation.automatic(authorisationId, { documentSha256 }, [{ evidence, details: DETAILS }])
      return asked.open(1, document)
    }
    expect(await file("account-of-anybody")).toMatchObject({
      status: 403,
      body: { reason: "other-template", member: "espIdentifier" },
    })
    accepted(await file("account-1"))
  })

  it("is refused under a template that the two people did not sign", async () => {
    const installation = await makeInstallation()
    const template = { ...TEMPLATE, lines: [...TEMPLATE.lines, "Somebody is guilty."] }
    const document = { ...REPORT, additionalInfo: "Somebody is guilty." }
    const documentSha256 = await documentDigest(document)
    const asked = await installation.automatic(await installation.stand(), { documentSha256, template })
    expect(await asked.open(1, document)).toMatchObject({ status: 403, body: { reason: "other-template" } })
    expect(await installation.reports()).toEqual([])
  })
})
