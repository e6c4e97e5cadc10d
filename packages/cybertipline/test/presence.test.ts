import { hasPublishedXsd, publishedXsd, xsdErrors } from "@nightlight/dev-env/cybertipline/xsd"
import { describe, expect, it } from "vitest"
import { type FileDetailsInput, type ReportInput, writeFileDetails, writeReport, writeXsd } from "../src/index.ts"
import { fileDetailsElement } from "../src/schema/file-details.ts"
import { reportElement } from "../src/schema/report.ts"
import { parseXml, type XmlNode } from "../src/xml/parse.ts"
import { smallDetails, smallReport } from "./support/documents.ts"
import { fullValue } from "./support/full-value.ts"
import { shapeOf } from "./support/xsd-shape.ts"

/** Every element and attribute of a document, by path. */
function pathsOf(xml: string): string[] {
  const parsed = parseXml(xml)
  if (parsed.kind !== "document") throw new Error(parsed.reason)
  const paths: string[] = []
  const visit = (node: XmlNode, parent: string) => {
    const path = `${parent}/${node.name}`
    paths.push(path)
    for (const name of node.attributes.keys()) if (!/^(xmlns|xsi):/.test(name)) paths.push(`${path}/@${name}`)
    for (const child of node.children) visit(child, path)
  }
  visit(parsed.root, "")
  return paths
}

/** Every element and attribute of a schema, by path. */
function pathsIn(xsd: string, root: string): string[] {
  const lines = shapeOf(xsd, root).filter((line) => !/^\S+ (?:choice|all|\})/.test(line))
  return [...new Set(lines.map((line) => line.split(" ")[0]!))].sort()
}

describe("a document with everything", () => {
  const report = writeReport(fullValue(reportElement.type, 0) as ReportInput).xml
  const details = ([0, 1] as const).map(
    (pick) => writeFileDetails(fullValue(fileDetailsElement.type, pick) as FileDetailsInput).xml,
  )

  it("has every element and attribute of a report", () => {
    expect([...new Set(pathsOf(report))].sort()).toEqual(pathsIn(writeXsd(), "report"))
  })

  it("has every element and attribute of file details", () => {
    expect([...new Set(details.flatMap(pathsOf))].sort()).toEqual(pathsIn(writeXsd(), "fileDetails"))
  })

  it("is valid by this package's schema", async () => {
    expect(await xsdErrors([report, ...details], writeXsd())).toEqual([])
  })

  it.skipIf(!hasPublishedXsd)("is valid by the published schema", async () => {
    expect(await xsdErrors([report, ...details], publishedXsd())).toEqual([])
  })
})

describe("the smallest document", () => {
  it("of a report has what is required, and nothing else", () => {
    expect(pathsOf(writeReport(smallReport).xml)).toEqual([
      "/report",
      "/report/incidentSummary",
      "/report/incidentSummary/incidentType",
      "/report/incidentSummary/incidentDateTime",
      "/report/reporter",
      "/report/reporter/reportingPerson",
      "/report/reporter/reportingPerson/email",
    ])
  })

  it("of file details names the report and the file", () => {
    expect(pathsOf(writeFileDetails(smallDetails()).xml)).toEqual([
      "/fileDetails",
      "/fileDetails/reportId",
      "/fileDetails/fileId",
    ])
  })
})
