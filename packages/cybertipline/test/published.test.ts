import { hasPublishedXsd, publishedXsd } from "@nightlight/dev-env/cybertipline/xsd"
import { describe, expect, it } from "vitest"
import { writeXsd } from "../src/index.ts"
import { shapeOf } from "./support/xsd-shape.ts"

const ROOTS = ["report", "fileDetails", "reportResponse", "reportDoneResponse"]

describe.skipIf(!hasPublishedXsd)("beside the published schema, element by element and attribute by attribute,", () => {
  it.each(ROOTS)("<%s> has the same names, order, cardinality, types and values", (root) => {
    const ours = shapeOf(writeXsd(), root)
    expect(ours.length).toBeGreaterThan(4)
    expect(ours).toEqual(shapeOf(publishedXsd(), root))
  })

  it("the 2026 edition adds four elements and changes nothing else", () => {
    const count = (lines: readonly string[]) => new Map(lines.map((line) => [line, 0]))
    for (const root of ROOTS) {
      const later = shapeOf(writeXsd("2026-08"), root)
      const published = count(shapeOf(publishedXsd(), root))
      const added = later.filter((line) => !published.has(line)).map((line) => line.replace(/^.*\//, ""))
      const names = [...new Set(added.map((line) => line.split(" ")[0] ?? ""))].sort()
      const expected = ["ageAssertionDiscrepancy", "informational", "instrumentalUse", "potentialAggravatingFactors"]
      expect(names).toEqual(root === "report" ? expected : [])
    }
  })
})

it("the shape of a schema shows every difference", () => {
  const xsd = writeXsd()
  const shape = shapeOf(xsd, "report")
  expect(shape.length).toBeGreaterThan(400)
  const changes = [
    xsd.replace(
      '<xs:element name="platform" type="text256" minOccurs="0"/>',
      '<xs:element name="platform" type="text256"/>',
    ),
    xsd.replace('<xs:enumeration value="Login"/>', ""),
    xsd.replace('<xs:attribute name="verified" type="xs:boolean"/>', ""),
    xsd.replace(
      '<xs:element name="port" type="port" minOccurs="0"/>',
      '<xs:element name="port" type="xs:string" minOccurs="0"/>',
    ),
  ]
  for (const changed of changes) {
    expect(changed).not.toBe(xsd)
    expect(shapeOf(changed, "report")).not.toEqual(shape)
  }
})
