import { expect, it } from "vitest"
import { templateFacts } from "../src/parts/template-facts.ts"

it("the text of automatically filed reports is shown in full, as the two people sign it", () => {
  const template = {
    fixed: {
      incidentType: "Kind",
      platform: null,
      reporter: { reportingPerson: { email: [{ value: "role@esp.example" }] }, legalURL: "https://esp.example/law" },
    },
    service: "Example",
    times: ["Time of the item."],
    lines: ["{files} items.", "Earlier reports: {reports}."],
    place: ["source: {url}"],
    files: [],
  }
  expect(templateFacts(template).map(({ values }) => values)).toEqual([
    ["Kind"],
    ["nothing"],
    ["reporting person, email: role@esp.example", "legal URL: https://esp.example/law"],
    ["Example"],
    ["Time of the item."],
    ["{files} items.", "Earlier reports: {reports}."],
    ["source: {url}"],
    ["nothing"],
  ])
})
