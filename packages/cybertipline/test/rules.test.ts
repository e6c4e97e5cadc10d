import { describe, expect, it } from "vitest"
import { validateFileDetails, validateReport } from "../src/index.ts"
import { batchedReport, NOW, smallDetails, smallReport } from "./support/documents.ts"

const codesOf = (value: unknown) => validateReport(value, { now: NOW }).map(({ path, code }) => `${path}: ${code}`)
const user = (members: object) => ({ ...smallReport, personOrUserReported: [members] })
const person = (members: object) => user({ personOrUserReportedPerson: members })

const [early, late] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]
const USER = "personOrUserReported[0]"
const PERSON = `${USER}.personOrUserReportedPerson`

describe("a rule of reports accepts", () => {
  it.each([
    [
      "a verified address with its date",
      person({ email: [{ value: "a@b.example", verified: true, verificationDate: early }] }),
    ],
    [
      "a number without the code that its attribute gives",
      person({ phone: [{ value: "555 0100", countryCallingCode: "+1" }] }),
    ],
    ["a number with its code and no attribute", person({ phone: [{ value: "+1 555 0100" }] })],
    [
      "a notice at the moment of disabling",
      user({ accountPermanentlyDisabled: { value: true, disabledDate: early, userNotifiedDate: early } }),
    ],
    [
      "an account enabled later",
      user({ accountTemporarilyDisabled: { value: true, disabledDate: early, reenabledDate: late } }),
    ],
    ["a state with its city", user({ estimatedLocation: { city: "Dover", region: "DE", countryCode: "US" } })],
    ["the United States alone", user({ estimatedLocation: { countryCode: "US" } })],
    [
      "a region elsewhere, as it is called there",
      user({ estimatedLocation: { city: "Graz", region: "Styria", countryCode: "AT" } }),
    ],
    ["a city without a country", user({ estimatedLocation: { city: "Graz" } })],
    [
      "an age or a date of birth of an account",
      user({
        associatedAccount: [
          { type: "Linked", approximateAge: 30 },
          { type: "Other", dateOfBirth: "1990-01-01" },
        ],
      }),
    ],
    ["an age and a date of birth of a person", person({ age: 30, dateOfBirth: "1990-01-01" })],
    ["no reported person", { ...smallReport, personOrUserReported: [] }],
    ["a batched report of many accounts", batchedReport],
    ["a batched report with empty lists", { ...batchedReport, internetDetails: [], victim: [] }],
  ])("%s", (_, value) => {
    expect(codesOf(value)).toEqual([])
  })
})

describe("a rule of reports refuses", () => {
  it.each([
    [
      "a reporter without an address",
      { ...smallReport, reporter: { reportingPerson: {} } },
      "reporter.reportingPerson.email: required",
    ],
    [
      "a reporter with an empty list of addresses",
      { ...smallReport, reporter: { reportingPerson: { email: [] } } },
      "reporter.reportingPerson.email: required",
    ],
    [
      "a date of verification of what is not verified",
      person({ email: [{ value: "a@b.example", verified: false, verificationDate: early }] }),
      `${PERSON}.email[0].verificationDate: rule`,
    ],
    [
      "a date of verification without a word on it",
      person({ phone: [{ value: "1", verificationDate: early }] }),
      `${PERSON}.phone[0].verificationDate: rule`,
    ],
    [
      "a country calling code that stands twice",
      person({ phone: [{ value: "+1 555 0100", countryCallingCode: "+1" }] }),
      `${PERSON}.phone[0].value: rule`,
    ],
    [
      "a notice before the disabling",
      user({ accountPermanentlyDisabled: { value: true, disabledDate: late, userNotifiedDate: early } }),
      `${USER}.accountPermanentlyDisabled.userNotifiedDate: order_of_times`,
    ],
    [
      "an account enabled the moment it is disabled",
      user({
        accountTemporarilyDisabled: { value: true, disabledDate: late, reenabledDate: "2026-02-01T01:00:00+01:00" },
      }),
      `${USER}.accountTemporarilyDisabled.reenabledDate: order_of_times`,
    ],
    [
      "a city of the United States without its state",
      user({ estimatedLocation: { city: "Dover", countryCode: "US" } }),
      `${USER}.estimatedLocation.region: required`,
    ],
    [
      "a state in full",
      user({ estimatedLocation: { region: "Delaware", countryCode: "US" } }),
      `${USER}.estimatedLocation.region: not_listed`,
    ],
    [
      "an empty state",
      user({ estimatedLocation: { region: "", countryCode: "US" } }),
      `${USER}.estimatedLocation.region: not_listed`,
    ],
    [
      "an empty country of a place",
      user({ estimatedLocation: { countryCode: "" } }),
      `${USER}.estimatedLocation.countryCode: blank`,
    ],
    [
      "an age beside a date of birth of an account",
      user({ associatedAccount: [{ type: "Linked", approximateAge: 30, dateOfBirth: "1990-01-01" }] }),
      `${USER}.associatedAccount[0].approximateAge: choice`,
    ],
    ["a date of birth to come", person({ dateOfBirth: "2027-01-01" }), `${PERSON}.dateOfBirth: in_future`],
    ["two reported people", { ...smallReport, personOrUserReported: [{}, {}] }, "personOrUserReported: too_many"],
    [
      "two notes on a recipient",
      { ...smallReport, intendedRecipient: [{ additionalInfo: ["a", "b"] }] },
      "intendedRecipient[0].additionalInfo: too_many",
    ],
    [
      "urgency in a batch",
      { ...batchedReport, incidentSummary: { ...smallReport.incidentSummary, escalateToHighPriority: "x" } },
      "incidentSummary.escalateToHighPriority: rule",
    ],
    ["a place in a batch", { ...batchedReport, internetDetails: [{ webPageIncident: {} }] }, "internetDetails: rule"],
    ["law enforcement in a batch", { ...batchedReport, lawEnforcement: { agencyName: "a" } }, "lawEnforcement: rule"],
    ["a recipient in a batch", { ...batchedReport, intendedRecipient: [{}] }, "intendedRecipient: rule"],
    ["a victim in a batch", { ...batchedReport, victim: [{ victimPerson: {} }] }, "victim: rule"],
    ["a note in a batch", { ...batchedReport, additionalInfo: "a" }, "additionalInfo: rule"],
    [
      "more than an identifier of a person in a batch",
      { ...batchedReport, personOrUserReported: [{ espIdentifier: "a", screenName: "b" }] },
      `${USER}.screenName: rule`,
    ],
  ])("%s", (_, value, problem) => {
    expect(codesOf(value)).toEqual([problem])
  })
})

describe("an address of an e-mail incident", () => {
  const incident = { internetDetails: [{ emailIncident: { emailAddress: [{ value: "Someone@mail.example" }] } }] }
  const email = [{ value: "someone@MAIL.example" }]

  it("stands with a person of the report too", () => {
    expect(codesOf({ ...smallReport, ...incident })).toEqual(["internetDetails[0].emailIncident.emailAddress[0]: rule"])
  })

  it.each([
    ["the reporter", { reporter: { reportingPerson: { email } } }],
    ["the reporter's contact", { reporter: { ...smallReport.reporter, contactPerson: { email } } }],
    ["who is reported", { personOrUserReported: [{ personOrUserReportedPerson: { email } }] }],
    ["an account of theirs", { personOrUserReported: [{ associatedAccount: [{ type: "Linked", email }] }] }],
    ["a recipient", { intendedRecipient: [{ intendedRecipientPerson: { email } }] }],
    ["a victim", { victim: [{ victimPerson: { email } }] }],
  ])("may be that of %s", (_, who) => {
    expect(codesOf({ ...smallReport, ...incident, ...who })).toEqual([])
  })
})

describe("a rule of file details", () => {
  const fileCodes = (members: object, batched = false) =>
    validateFileDetails({ ...smallDetails(), ...members }, { now: NOW, batched }).map(
      ({ path, code }) => `${path}: ${code}`,
    )

  it.each([
    ["EXIF viewed of a file that was viewed", { fileViewedByEsp: true, exifViewedByEsp: true }],
    ["a supplemental file", { fileRelevance: "Supplemental Reported", fileAnnotations: { viral: true } }],
    ["a supplemental file that is no meme", { fileRelevance: "Supplemental Reported", potentialMeme: false }],
    ["a classification", { industryClassification: "A1", fileAnnotations: { generativeAi: true } }],
  ])("accepts %s", (_, members) => {
    expect(fileCodes(members)).toEqual([])
  })

  const supplemental = { fileRelevance: "Supplemental Reported" }
  it.each([
    ["EXIF viewed of a file that was not", { fileViewedByEsp: false, exifViewedByEsp: true }, "exifViewedByEsp: rule"],
    ["EXIF viewed without a word on the file", { exifViewedByEsp: true }, "exifViewedByEsp: rule"],
    [
      "a meme that is supplemental",
      { ...supplemental, fileAnnotations: { potentialMeme: true } },
      "fileAnnotations.potentialMeme: rule",
    ],
    ["an older meme that is supplemental", { ...supplemental, potentialMeme: true }, "potentialMeme: rule"],
    [
      "a classification of a supplemental file",
      { ...supplemental, industryClassification: "B2" },
      "industryClassification: rule",
    ],
    ["an upload to come", { uploadedToEspTimestamp: "2026-06-02T00:00:00Z" }, "uploadedToEspTimestamp: in_future"],
  ])("refuses %s", (_, members, problem) => {
    expect(fileCodes(members)).toEqual([problem])
  })

  const meme = { fileAnnotations: { viral: true, potentialMeme: true } }
  it("accepts a viral meme in a batch, with its classification", () => {
    expect(fileCodes({ ...meme, industryClassification: "A2", fileRelevance: "Reported" }, true)).toEqual([])
    expect(fileCodes({ ...meme, additionalInfo: [] }, true)).toEqual([])
  })

  it.each([
    ["no word on a meme", {}, "fileAnnotations: required"],
    ["another annotation", { fileAnnotations: { viral: true, infant: true } }, "fileAnnotations.infant: rule"],
    ["a supplemental file", { fileAnnotations: { viral: true }, ...supplemental }, "fileRelevance: rule"],
    ["a name", { ...meme, originalFileName: "a" }, "originalFileName: rule"],
    ["a place", { ...meme, locationOfFile: "https://a.example/" }, "locationOfFile: rule"],
    ["a hash", { ...meme, originalFileHash: [{ value: "0", hashType: "MD5" }] }, "originalFileHash: rule"],
    ["an address", { ...meme, ipCaptureEvent: { ipAddress: "192.0.2.1" } }, "ipCaptureEvent: rule"],
    ["a device", { ...meme, deviceId: [{ idType: "a", idValue: "b" }] }, "deviceId: rule"],
    ["details", { ...meme, details: [{ nameValuePair: [{ name: "a", value: "b" }] }] }, "details: rule"],
    ["a note", { ...meme, additionalInfo: ["a"] }, "additionalInfo: rule"],
  ])("refuses %s in a batch, and nowhere else", (_, members, problem) => {
    expect(fileCodes(members, true)).toEqual([problem])
    expect(fileCodes(members)).toEqual([])
  })
})
