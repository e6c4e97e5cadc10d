import fc from "fast-check"
import { describe, expect, expectTypeOf, it } from "vitest"
import {
  CybertiplineError,
  type FileDetailsInput,
  parseFileDetails,
  parseReport,
  type ReportInput,
  validateFileDetails,
  validateReport,
} from "../src/index.ts"
import { HOSTILE_TEXTS } from "./support/arbitraries.ts"
import { NOW, smallDetails, smallReport } from "./support/documents.ts"

const codesOf = (value: unknown) => validateReport(value, { now: NOW }).map(({ path, code }) => `${path}: ${code}`)
const { incidentSummary, reporter } = smallReport

/** The small report with one of its summary's members changed. */
const withSummary = (members: object) => ({ ...smallReport, incidentSummary: { ...incidentSummary, ...members } })
const withUser = (members: object) => ({ ...smallReport, personOrUserReported: [members] })

describe("validateReport", () => {
  it("accepts the smallest report", () => {
    expect(codesOf(smallReport)).toEqual([])
  })

  it.each([
    ["nothing", undefined, ": type"],
    ["null", null, ": type"],
    ["a list", [], ": type"],
    ["a text", "report", ": type"],
    ["no summary", { reporter }, "incidentSummary: required"],
    ["no reporter", { incidentSummary }, "reporter: required"],
    ["an unknown member", { ...smallReport, canary: 1 }, ": unknown_member"],
    ["an unknown incident type", withSummary({ incidentType: "Spam" }), "incidentSummary.incidentType: not_listed"],
    ["a number for text", withSummary({ platform: 1 }), "incidentSummary.platform: type"],
    ["text that is too long", withSummary({ platform: "p".repeat(257) }), "incidentSummary.platform: too_long"],
    [
      "an escalation that is blank",
      withSummary({ escalateToHighPriority: " \n" }),
      "incidentSummary.escalateToHighPriority: blank",
    ],
    [
      "a flag that is false",
      withSummary({ reportAnnotations: { spam: false } }),
      "incidentSummary.reportAnnotations.spam: type",
    ],
    [
      "a member of a later edition",
      withSummary({ reportAnnotations: { instrumentalUse: true } }),
      "incidentSummary.reportAnnotations.instrumentalUse: not_in_version",
    ],
    ["one thing for many", { ...smallReport, victim: { victimPerson: {} } }, "victim: type"],
    ["a hole in a list", { ...smallReport, victim: Object.assign([], { length: 1 }) }, "victim[0]: type"],
    ["a victim without a person", { ...smallReport, victim: [{}] }, "victim[0].victimPerson: required"],
    ["no kind of place", { ...smallReport, internetDetails: [{}] }, "internetDetails[0]: choice"],
    [
      "two kinds of place",
      { ...smallReport, internetDetails: [{ webPageIncident: {}, emailIncident: {} }] },
      "internetDetails[0]: choice",
    ],
    [
      "a URL without a scheme",
      { ...smallReport, internetDetails: [{ webPageIncident: { url: ["example.org"] } }] },
      "internetDetails[0].webPageIncident.url[0]: malformed",
    ],
    [
      "a URL with a space",
      withUser({ profileUrl: ["https://example.org/a b"] }),
      "personOrUserReported[0].profileUrl[0]: malformed",
    ],
    [
      "a URL that is too long",
      withUser({ profileUrl: [`https://e.example/${"a".repeat(2083)}`] }),
      "personOrUserReported[0].profileUrl[0]: too_long",
    ],
    [
      "an attribute that is missing",
      withUser({ associatedAccount: [{}] }),
      "personOrUserReported[0].associatedAccount[0].type: required",
    ],
    [
      "text with attributes without text",
      withUser({ personOrUserReportedPerson: { email: [{ type: "Home" }] } }),
      "personOrUserReported[0].personOrUserReportedPerson.email[0].value: required",
    ],
    [
      "an address of a later node",
      withUser({ ipCaptureEvent: [{ ipAddress: "192.0.2.1" }, { ipAddress: "192.0.2" }] }),
      "personOrUserReported[0].ipCaptureEvent[1].ipAddress: malformed",
    ],
    [
      "a zone in an address",
      withUser({ ipCaptureEvent: [{ ipAddress: "fe80::1%eth0" }] }),
      "personOrUserReported[0].ipCaptureEvent[0].ipAddress: malformed",
    ],
    [
      "a port beyond the last",
      withUser({ ipCaptureEvent: [{ ipAddress: "::1", port: 65_536 }] }),
      "personOrUserReported[0].ipCaptureEvent[0].port: out_of_range",
    ],
    [
      "half a port",
      withUser({ ipCaptureEvent: [{ ipAddress: "::1", port: 0.5 }] }),
      "personOrUserReported[0].ipCaptureEvent[0].port: type",
    ],
    [
      "an age beyond all",
      withUser({ personOrUserReportedPerson: { age: 151 } }),
      "personOrUserReported[0].personOrUserReportedPerson.age: out_of_range",
    ],
    [
      "a latitude beyond the pole",
      { ...smallReport, internetDetails: [{ cellPhoneIncident: { latitude: 91 } }] },
      "internetDetails[0].cellPhoneIncident.latitude: out_of_range",
    ],
    [
      "a place that is no number",
      { ...smallReport, internetDetails: [{ cellPhoneIncident: { longitude: Number.NaN } }] },
      "internetDetails[0].cellPhoneIncident.longitude: type",
    ],
    [
      "a report number as a number",
      withUser({ priorCTReports: [400_000_001] }),
      "personOrUserReported[0].priorCTReports[0]: type",
    ],
    [
      "a report number beyond 63 bits",
      withUser({ priorCTReports: ["9223372036854775808"] }),
      "personOrUserReported[0].priorCTReports[0]: out_of_range",
    ],
    [
      "a report number of words",
      withUser({ priorCTReports: ["12a"] }),
      "personOrUserReported[0].priorCTReports[0]: malformed",
    ],
    [
      "a country that is none",
      withUser({ estimatedLocation: { countryCode: "XX" } }),
      "personOrUserReported[0].estimatedLocation.countryCode: not_listed",
    ],
    [
      "a long local part",
      withUser({ personOrUserReportedPerson: { email: [{ value: `${"l".repeat(65)}@example.org` }] } }),
      "personOrUserReported[0].personOrUserReportedPerson.email[0].value: malformed",
    ],
    [
      "an extension of words",
      withUser({ personOrUserReportedPerson: { phone: [{ value: "1", extension: "x" }] } }),
      "personOrUserReported[0].personOrUserReportedPerson.phone[0].extension: malformed",
    ],
  ])("refuses %s", (_, value, problem) => {
    expect(codesOf(value)).toContain(problem)
  })

  it.each([
    ["2026-05-01T10:00:00", "zone_missing"],
    ["2026-05-01", "malformed"],
    ["2026-05-01T10:00Z", "malformed"],
    ["2026-02-30T10:00:00Z", "malformed"],
    ["2026-05-01T24:00:00Z", "malformed"],
    ["2026-05-01T10:60:00Z", "malformed"],
    ["2026-05-01T10:00:00+15:00", "malformed"],
    ["2026-06-01T12:00:01Z", "in_future"],
    ["2026-06-01T13:30:00+01:00", "in_future"],
  ])("refuses the time %s", (incidentDateTime, code) => {
    expect(codesOf(withSummary({ incidentDateTime }))).toEqual([`incidentSummary.incidentDateTime: ${code}`])
  })

  it.each(["2026-06-01T12:00:00Z", "2026-06-01T13:00:00.999+01:01", "2024-02-29T23:59:59.5-12:00"])(
    "accepts the time %s",
    (incidentDateTime) => {
      expect(codesOf(withSummary({ incidentDateTime }))).toEqual([])
    },
  )

  it("lets no time pass by a clock that shows none", () => {
    const problems = validateReport(smallReport, { now: new Date(Number.NaN) })
    expect(problems).toMatchObject([{ path: "incidentSummary.incidentDateTime", code: "in_future" }])
  })

  it("counts characters as a schema does, not as JavaScript does", () => {
    expect(codesOf(withSummary({ platform: "\u{1F512}".repeat(256) }))).toEqual([])
    expect(codesOf(withSummary({ platform: "\u{1F512}".repeat(257) }))).toEqual(["incidentSummary.platform: too_long"])
  })

  it("knows the later edition when it is asked for it", () => {
    const report = withSummary({ reportAnnotations: { instrumentalUse: true } })
    expect(validateReport(report, { now: NOW, schemaVersion: "2026-08" })).toEqual([])
  })

  it("takes undefined for left out, and looks at a value's own members alone", () => {
    expect(codesOf({ ...smallReport, additionalInfo: undefined })).toEqual([])
    expect(codesOf(Object.create(smallReport))).toEqual(["incidentSummary: required", "reporter: required"])
  })

  it("refuses no text for its characters", () => {
    for (const text of HOSTILE_TEXTS) expect(codesOf({ ...smallReport, additionalInfo: text })).toEqual([])
  })

  it("never quotes what it refuses", () => {
    const canary = "canary-8841"
    const everywhere = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constant(canary),
        fc.array(tie("value"), { maxLength: 2 }),
        tie("object"),
      ),
      object: fc.dictionary(
        fc.constantFrom(
          canary,
          "incidentSummary",
          "incidentType",
          "reporter",
          "personOrUserReported",
          "email",
          "value",
          "victim",
          "age",
          "type",
        ),
        tie("value"),
      ),
    })).object
    fc.assert(
      fc.property(everywhere, (value) => {
        const problems = validateReport(value, { now: NOW })
        expect(problems.length).toBeGreaterThan(0)
        expect(JSON.stringify(problems)).not.toContain(canary)
      }),
    )
  })
})

describe("validateFileDetails", () => {
  it.each([
    ["both forms of a meme", { potentialMeme: true, fileAnnotations: { viral: true } }, ": choice"],
    ["an identifier with spaces", { fileId: "a b" }, "fileId: malformed"],
    ["details without pairs", { details: [{ nameValuePair: [] }] }, "details[0].nameValuePair: required"],
    [
      "a hash without its type",
      { originalFileHash: [{ value: "0".repeat(32) }] },
      "originalFileHash[0].hashType: required",
    ],
    ["several addresses", { ipCaptureEvent: [{ ipAddress: "192.0.2.1" }] }, "ipCaptureEvent: type"],
    ["a count that is in no schema", { viewsCount: 1 }, ": unknown_member"],
  ])("refuses %s", (_, members, problem) => {
    const problems = validateFileDetails({ ...smallDetails(), ...members }, { now: NOW })
    const found = problems.map(({ path, code }) => `${path}: ${code}`)
    expect(found).toEqual([problem])
  })
})

describe("parseReport and parseFileDetails", () => {
  it("hand back what is valid", () => {
    expect(parseReport(smallReport, { now: NOW })).toBe(smallReport)
    expect(parseFileDetails(smallDetails(), { now: NOW })).toEqual(smallDetails())
  })

  it("throw every problem, and name the first", () => {
    const bad = { ...withSummary({ incidentType: "x", incidentDateTime: "y" }) }
    expect.assertions(3)
    try {
      parseReport(bad, { now: NOW })
    } catch (error) {
      expect(error).toBeInstanceOf(CybertiplineError)
      expect(error).toMatchObject({ code: "report_invalid", problems: [{}, {}] })
      expect(String(error)).toContain("incidentSummary.incidentType must be one of the 8 values")
    }
  })

  it("throw a code of its own for file details", () => {
    expect(() => parseFileDetails({})).toThrow(expect.objectContaining({ code: "file_details_invalid" }))
  })
})

it("types are inferred from the definition", () => {
  expectTypeOf<ReportInput>().toHaveProperty("incidentSummary")
  expectTypeOf<ReportInput["incidentSummary"]["platform"]>().toEqualTypeOf<string | undefined>()
  type User = NonNullable<ReportInput["personOrUserReported"]>[number]
  expectTypeOf<NonNullable<User["ipCaptureEvent"]>[number]["port"]>().toEqualTypeOf<number | undefined>()
  expectTypeOf<NonNullable<FileDetailsInput["originalFileHash"]>[number]>().toEqualTypeOf<{
    readonly value: string
    readonly hashType: string
  }>()
  expectTypeOf<NonNullable<FileDetailsInput["fileAnnotations"]>["generativeAi"]>().toEqualTypeOf<true | undefined>()
  // @ts-expect-error: an incident type is one of eight
  const unknown: ReportInput["incidentSummary"]["incidentType"] = "Spam"
  // @ts-expect-error: a place has one kind
  const two: NonNullable<ReportInput["internetDetails"]>[number] = { webPageIncident: {}, emailIncident: {} }
  // @ts-expect-error: a meme is told in one form
  const both: FileDetailsInput = { ...smallDetails(), potentialMeme: true, fileAnnotations: { viral: true } }
  expect([unknown, two, both]).toHaveLength(3)
})
