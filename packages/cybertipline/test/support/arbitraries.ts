import fc from "fast-check"
import { compact } from "../../src/compact.ts"
import type { FileDetailsInput, ReportInput } from "../../src/index.ts"
import { US_STATES } from "../../src/index.ts"
import type {
  AttributedType,
  ElementDefinition,
  ElementType,
  RecordType,
  ScalarType,
} from "../../src/schema/definition.ts"
import { fileDetailsElement } from "../../src/schema/file-details.ts"
import { reportElement } from "../../src/schema/report.ts"
import { isIn, type SchemaVersion } from "../../src/version.ts"
import { smallReport } from "./documents.ts"

type Members = Record<string, unknown>

/** Texts on which other programs fail; none is a reason to lose a report. */
export const HOSTILE_TEXTS = [
  "\u0000",
  "a\uFFFEb",
  "\uD800 alone",
  "\uDC00\uD800",
  "]]>",
  "<script>alert(1)</script>",
  "a\r\nb\rc\nd\te",
  "=cmd|' /C calc'!A0",
  "\u001B[31mred",
  "&amp;&#0;&undefined;",
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  "  spaces  ",
  "\u{10FFFF}\u0085\u2028",
  "",
]

const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
)

/** Cuts to a number of code points. */
const cut = (text: string, length: number) => Array.from(text).slice(0, length).join("")

const pastTimes = fc
  .record({
    ms: fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2026, 4, 1) }),
    form: fc.constantFrom("Z", ".123456Z", "+02:00", "-11:30", "+14:00"),
  })
  .map(({ ms, form }) => new Date(ms).toISOString().slice(0, 19) + form)

function scalarArbitrary(type: ScalarType): fc.Arbitrary<unknown> {
  const { maxLength = 60 } = type
  if (type.values !== undefined) return fc.constantFrom(...type.values)
  if (type.fixed !== undefined) return fc.constant(true)
  switch (type.base) {
    case "boolean":
      return fc.boolean()
    case "int":
      return fc.integer({ min: type.min ?? 0, max: type.max ?? 1000 })
    case "double":
      return fc.double({ min: type.min ?? -1, max: type.max ?? 1, noNaN: true })
    case "long":
      return fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String)
    case "dateTime":
      return pastTimes
    case "date":
      return pastTimes.map((time) => time.slice(0, 10))
    case "string":
    case "token":
      return textArbitrary(type, maxLength)
    default:
      return type.base satisfies never
  }
}

function textArbitrary(type: ScalarType, maxLength: number): fc.Arbitrary<string> {
  switch (type.name ?? "") {
    case "url2083":
      return fc.webUrl({ withQueryParameters: true, withFragments: true })
    case "emailAddress":
      return fc.constantFrom("a@b.example", `${"l".repeat(64)}@example.org`, "ünï@exämple.org", "<&>@x.example")
    case "ipAddress":
      return fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("::ffff:192.0.2.1"))
    case "fileToken":
      return fc.stringMatching(/^[0-9a-f]{32}$/)
    case "phoneCountryCallingCode":
      return fc.stringMatching(/^\+[0-9]{1,3}$/)
    case "phoneExtension":
      return fc.stringMatching(/^[0-9]{1,10}$/)
    default: {
      const long = fc.constant("\u{1F512}".repeat(maxLength))
      const text = fc.oneof({ weight: 20, arbitrary: hostile }, { weight: 1, arbitrary: long })
      return text.map((one) => (type.nonBlank === true ? cut(`x${one}`, maxLength) : cut(one, maxLength)))
    }
  }
}

/** Makes values that a type accepts, its rules included; of an edition. */
export function arbitraryOf(type: ElementType, version: SchemaVersion = "2025-06"): fc.Arbitrary<unknown> {
  if (type.kind === "scalar") return scalarArbitrary(type)
  const members =
    type.kind === "attributed" ? { value: scalarArbitrary(type.content) } : memberArbitraries(type, version)
  const attributes = Object.fromEntries(
    type.attributes.map(({ name, type: scalar }) => [name, scalarArbitrary(scalar)]),
  )
  const all = { ...members, ...attributes }
  const value =
    type.kind === "record" && type.order === "choice"
      ? fc.oneof(...Object.entries(members).map(([name, one]) => fc.record({ [name]: one })))
      : fc.record(all, { requiredKeys: requiredKeys(type) })
  return value.map((one) => repair(type.name, one as Members))
}

function memberArbitraries(type: RecordType, version: SchemaVersion): Record<string, fc.Arbitrary<unknown>> {
  const elements = type.members.flatMap((member): readonly ElementDefinition[] =>
    member.kind === "element" ? [member] : member.members,
  )
  const known = elements.filter(({ since }) => isIn(version, since))
  return Object.fromEntries(
    known.map((element) => {
      const one = arbitraryOf(element.type, version)
      return [element.name, element.max === 1 ? one : fc.array(one, { minLength: element.min, maxLength: 2 })]
    }),
  )
}

function requiredKeys(type: AttributedType | RecordType): string[] {
  const members = type.kind === "attributed" ? ["value"] : type.members.flatMap(requiredName)
  return [...members, ...type.attributes.filter(({ required }) => required).map(({ name }) => name)]
}

const requiredName = (member: RecordType["members"][number]) =>
  member.kind === "element" && member.min === 1 ? [member.name] : []

/** Makes a value keep the rules of its type; what the rules are is tested elsewhere. */
function repair(name: string | undefined, value: Members): Members {
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !names.includes(key)))
  switch (name ?? "") {
    case "phone":
    case "email": {
      const text = String(value["value"]).replace(/^\s*\+/, "0")
      const repaired = compact({
        value: name === "phone" ? text : undefined,
        verified: value["verificationDate"] === undefined ? undefined : true,
      })
      return { ...value, ...repaired }
    }
    case "estimatedLocation":
      if (value["countryCode"] === "") return without("countryCode")
      return value["countryCode"] === "US" ? { ...value, region: US_STATES[1] } : value
    case "accountTemporarilyDisabled":
    case "accountPermanentlyDisabled":
      return value["disabledDate"] === undefined ? value : without("userNotifiedDate", "reenabledDate")
    case "associatedAccount":
      return value["dateOfBirth"] === undefined ? value : without("approximateAge")
    default:
      return value
  }
}

/** Valid reports that are not batched. */
export function reports(version: SchemaVersion = "2025-06"): fc.Arbitrary<ReportInput> {
  return arbitraryOf(reportElement.type, version).map((value) => {
    const { batchedReport: _, ...report } = value as ReportInput
    const incidentEmails = (report.internetDetails ?? []).flatMap((one) =>
      (one.emailIncident?.emailAddress ?? []).map(({ value: text }) => ({ value: text })),
    )
    const { reportingPerson } = report.reporter
    const email = [...(reportingPerson.email ?? []), ...incidentEmails, { value: "safety@provider.example" }]
    return {
      ...report,
      reporter: { ...report.reporter, reportingPerson: { ...reportingPerson, email } },
      personOrUserReported: (report.personOrUserReported ?? []).slice(0, 1),
      intendedRecipient: (report.intendedRecipient ?? []).map((one) => ({
        ...one,
        additionalInfo: (one.additionalInfo ?? []).slice(0, 1),
      })),
    }
  })
}

/** Valid batched reports. */
export const batchedReports: fc.Arbitrary<ReportInput> = fc
  .array(fc.record({ espIdentifier: hostile }), { maxLength: 5 })
  .map((personOrUserReported) => ({
    ...smallReport,
    batchedReport: { reason: "VIRAL_POTENTIAL_MEME" },
    personOrUserReported,
  }))

/** Valid file details of ordinary reports. */
export function fileDetails(version: SchemaVersion = "2025-06"): fc.Arbitrary<FileDetailsInput> {
  return arbitraryOf(fileDetailsElement.type, version).map((value) => {
    const { potentialMeme, fileAnnotations, industryClassification, ...rest } = value as Members
    const viewed = compact({ fileViewedByEsp: rest["exifViewedByEsp"] === true ? true : undefined })
    if (rest["fileRelevance"] === "Supplemental Reported") return { ...rest, ...viewed } as unknown as FileDetailsInput
    const marks = fileAnnotations === undefined ? { potentialMeme } : { fileAnnotations }
    return { ...rest, ...viewed, ...marks, industryClassification } as unknown as FileDetailsInput
  })
}
