import { readFileSync } from "node:fs"
import { hasPublishedXsd, publishedXsd, xsdErrors } from "@nightlight/dev-env/cybertipline/xsd"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type FileDetailsInput,
  type ReportInput,
  replaceForbidden,
  SCHEMA_VERSIONS,
  validateFileDetails,
  validateReport,
  writeFileDetails,
  writeReport,
  writeXsd,
} from "../src/index.ts"
import { fileDetailsElement } from "../src/schema/file-details.ts"
import { reportElement } from "../src/schema/report.ts"
import { readDocument } from "../src/xml/read.ts"
import { batchedReports, fileDetails, HOSTILE_TEXTS, reports } from "./support/arbitraries.ts"
import { NOW, smallDetails, smallReport } from "./support/documents.ts"

const DOCUMENTS = 150
const draw = <T>(arbitrary: fc.Arbitrary<T>, seed: number) => fc.sample(arbitrary, { numRuns: DOCUMENTS, seed })

describe("documents of the model", () => {
  const someReports = [...draw(reports(), 1), ...draw(batchedReports, 2), smallReport]
  const someDetails = [...draw(fileDetails(), 3), smallDetails()]
  const written = [
    ...someReports.map((report) => writeReport(report).xml),
    ...someDetails.map((details) => writeFileDetails(details).xml),
  ]

  it("pass the validation", () => {
    const terms = { now: NOW }
    expect(someReports.flatMap((report) => validateReport(report, terms))).toEqual([])
    expect(someDetails.flatMap((details) => validateFileDetails(details, terms))).toEqual([])
  })

  it("are valid by this package's schema", async () => {
    expect(await xsdErrors(written, writeXsd())).toEqual([])
  })

  it.skipIf(!hasPublishedXsd)("are valid by the published schema", async () => {
    expect(await xsdErrors(written, publishedXsd())).toEqual([])
  })

  it("are valid by this package's schema in the 2026 edition too", async () => {
    const options = { schemaVersion: "2026-08" } as const
    const later = draw(reports("2026-08"), 4)
    expect(later.flatMap((report) => validateReport(report, { ...options, now: NOW }))).toEqual([])
    const xml = later.map((report) => writeReport(report, options).xml)
    expect(xml.join("")).toContain("<ageAssertionDiscrepancy>")
    expect(await xsdErrors(xml, writeXsd("2026-08"))).toEqual([])
    expect(await xsdErrors(xml, writeXsd("2025-06"))).not.toEqual([])
  })
})

describe("a schema", () => {
  const { incidentSummary } = smallReport
  const { xml } = writeReport({
    ...smallReport,
    incidentSummary: { ...incidentSummary, reportAnnotations: { spam: true } },
  })

  it.each([
    ["wrong order", xml.replace(/(<incidentSummary>.*<\/incidentSummary>)(<reporter>.*<\/reporter>)/, "$2$1")],
    ["an unknown value", xml.replace("Child Pornography", "Something Else")],
    ["a presence flag that is false", xml.replace("<spam>true</spam>", "<spam>false</spam>")],
  ])("refuses %s among documents that are valid", async (_, wrong) => {
    expect(wrong).not.toBe(xml)
    for (const schema of [writeXsd(), ...(hasPublishedXsd ? [publishedXsd()] : [])]) {
      const errors = await xsdErrors([xml, wrong, xml], schema)
      expect(errors.length).toBeGreaterThan(0)
      expect(errors.filter((error) => !error.includes("document-1.xml"))).toEqual([])
      expect(await xsdErrors([xml, xml], schema)).toEqual([])
    }
  })

  it.each(SCHEMA_VERSIONS)("lies beside the package as the model says: %s", (version) => {
    const file = new URL(`../xsd/cyber_tipline-${version}.xsd`, import.meta.url)
    expect(readFileSync(file, "utf8")).toBe(writeXsd(version))
  })
})

describe("what was written", () => {
  /** The value that a reader must find: with its unwritable characters replaced, and without absent members. */
  function asRead(value: unknown): unknown {
    if (typeof value === "string") return replaceForbidden(value).text
    // Minus zero is the same place as zero, and is written so.
    if (typeof value === "number") return value + 0
    if (Array.isArray(value)) return value.map(asRead)
    if (typeof value !== "object" || value === null) return value
    const members = Object.entries(value).filter(
      ([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0),
    )
    return Object.fromEntries(members.map(([name, one]) => [name, asRead(one)]))
  }

  it("reads back as the same report", () => {
    const same = (report: ReportInput) => {
      const read = readDocument(reportElement, writeReport(report).xml, "2025-06")
      expect(read).toEqual({ kind: "value", value: asRead(report) })
    }
    fc.assert(fc.property(reports(), same), { numRuns: 100 })
  })

  it("reads back as the same file details", () => {
    const same = (details: FileDetailsInput) => {
      const read = readDocument(fileDetailsElement, writeFileDetails(details).xml, "2025-06")
      expect(read).toEqual({ kind: "value", value: asRead(details) })
    }
    fc.assert(fc.property(fileDetails(), same), { numRuns: 100 })
  })

  it.each(HOSTILE_TEXTS.map((text) => [JSON.stringify(text), text]))(
    "keeps %s, or says that it could not",
    (_, text) => {
      const written = writeReport({ ...smallReport, additionalInfo: text })
      const { text: kept, replaced } = replaceForbidden(text)
      expect(written.replaced).toBe(replaced)
      expect(kept === text).toBe(replaced === 0)
      expect(Array.from(kept).length).toBe(Array.from(text).length)
      const read = readDocument(reportElement, written.xml, "2025-06")
      expect(read).toMatchObject({ kind: "value", value: { additionalInfo: kept } })
    },
  )

  it("has nothing that a value inherits, as no validation saw it", () => {
    const inheriting = Object.assign(Object.create({ additionalInfo: "inherited" }), smallReport) as ReportInput
    expect(validateReport(inheriting, { now: NOW })).toEqual([])
    expect(writeReport(inheriting).xml).toBe(writeReport(smallReport).xml)
  })

  it("stands in the schema's order, whatever the order of the members", () => {
    const { incidentSummary, reporter } = smallReport
    const { incidentType, incidentDateTime } = incidentSummary
    const turned = { additionalInfo: "z", reporter, incidentSummary: { incidentDateTime, platform: "p", incidentType } }
    const straight = {
      incidentSummary: { incidentType, platform: "p", incidentDateTime },
      reporter,
      additionalInfo: "z",
    }
    expect(writeReport(turned).xml).toBe(writeReport(straight).xml)
  })
})
