import { describe, expect, it } from "vitest"
import { writeReport } from "../src/index.ts"
import { smallReport } from "./support/documents.ts"
import { service } from "./support/service.ts"

describe("/submit refuses", () => {
  const { xml } = writeReport({
    ...smallReport,
    incidentSummary: { ...smallReport.incidentSummary, reportAnnotations: { spam: true } },
  })
  const next = "One of '{"
  it.each([
    ["what is no XML", "<report>", 4110, "Malformed XML submittal"],
    ["a DOCTYPE", xml.replace("?>", "?><!DOCTYPE report>"), 4110, "Malformed XML submittal"],
    [
      "another document",
      xml.replaceAll("report>", "tip>").replace("<report ", "<tip "),
      4100,
      "cvc-elt.1: Cannot find the declaration of element 'tip'.",
    ],
    [
      "wrong order",
      xml.replace(/(<incidentSummary>.*<\/incidentSummary>)(<reporter>.*<\/reporter>)/, "$2$1"),
      4100,
      `cvc-complex-type.2.4.a: Invalid content was found starting with element 'reporter'. ${next}batchedReport, incidentSummary}' is expected.`,
    ],
    [
      "an element that is unknown",
      xml.replace("</report>", "<note/></report>"),
      4100,
      `cvc-complex-type.2.4.a: Invalid content was found starting with element 'note'. ${next}personOrUserReported, intendedRecipient, victim, additionalInfo}' is expected.`,
    ],
    [
      "an element after the last",
      xml.replace("</report>", "<additionalInfo/><additionalInfo/></report>"),
      4100,
      "cvc-complex-type.2.4.d: Invalid content was found starting with element 'additionalInfo'. No child element is expected at this point.",
    ],
    [
      "an element that is missing",
      xml.replace(/<incidentDateTime>.*<\/incidentDateTime>/, ""),
      4100,
      `cvc-complex-type.2.4.b: The content of element 'incidentSummary' is not complete. ${next}incidentDateTime}' is expected.`,
    ],
    [
      "a value that is not listed",
      xml.replace("Child Pornography (possession, manufacture, and distribution)", "Spam"),
      4100,
      "cvc-enumeration-valid: Value 'Spam' is not facet-valid",
    ],
    [
      "a time that is none",
      xml.replace("2026-05-01T10:00:00+02:00", "yesterday"),
      4100,
      "cvc-datatype-valid.1.2.1: 'yesterday' is not a valid value for 'dateTime'.",
    ],
    [
      "a flag that is false",
      xml.replace("<spam>true</spam>", "<spam>false</spam>"),
      4100,
      "cvc-elt.5.2.2.2.2: The value 'false'",
    ],
    [
      "a flag that stands twice",
      xml.replace("<spam>true</spam>", "<spam/><spam/>"),
      4100,
      "cvc-complex-type.2.4.a: Invalid content was found starting with element 'spam'.",
    ],
    [
      "an attribute that is unknown",
      xml.replace("<email>", '<email kind="x">'),
      4100,
      "cvc-complex-type.3.2.2: Attribute 'kind' is not allowed to appear in element 'email'.",
    ],
    [
      "an attribute that is missing",
      xml.replace("<incidentSummary>", "<batchedReport/><incidentSummary>"),
      4100,
      "cvc-complex-type.4: Attribute 'reason' must appear on element 'batchedReport'.",
    ],
    [
      "a part with nothing in it",
      xml.replace(/<reporter>.*<\/reporter>/, "<reporter/>"),
      4100,
      `cvc-complex-type.2.4.b: The content of element 'reporter' is not complete. ${next}reportingPerson}' is expected.`,
    ],
    [
      "text between elements",
      xml.replace("<reporter>", "<reporter>words"),
      4100,
      "cvc-complex-type.2.3: Element 'reporter' cannot have character [children]",
    ],
    [
      "an element inside text",
      xml.replace("<email>", "<email><b/>"),
      4100,
      "cvc-type.3.1.2: Element 'email' is a simple type",
    ],
    [
      "no kind of place",
      xml.replace("<reporter>", "<internetDetails/><reporter>"),
      4100,
      "cvc-complex-type.2.4.b: The content of element 'internetDetails' is not complete.",
    ],
    [
      "two kinds of place",
      xml.replace("<reporter>", "<internetDetails><webPageIncident/><emailIncident/></internetDetails><reporter>"),
      4100,
      "cvc-complex-type.2.4.a: Invalid content was found starting with element 'emailIncident'.",
    ],
    [
      "what the later edition adds",
      xml.replace("<spam>true</spam>", "<informational/>"),
      4100,
      "cvc-complex-type.2.4.a: Invalid content was found starting with element 'informational'.",
    ],
    [
      "a time to come",
      xml.replace("2026-05-01", "2026-07-01"),
      4100,
      "Validation failed: incidentSummary.incidentDateTime must lie in the past",
    ],
    [
      "a reporter without an address",
      xml.replace(/<email>.*<\/email>/, ""),
      4100,
      "Validation failed: reporter.reportingPerson.email",
    ],
    [
      "text that is too long",
      xml.replace("<reportAnnotations>", `<platform>${"p".repeat(257)}</platform><reportAnnotations>`),
      4100,
      "Validation failed: incidentSummary.platform must have at most 256 characters, has 257",
    ],
  ])("%s", async (_, document, code, description) => {
    expect(document).not.toBe(xml)
    const { submit, core } = service()
    const answer = await submit(document)
    expect(answer).toMatchObject({ httpStatus: 200, code })
    expect(unescaped(answer.description ?? "")).toContain(description)
    expect(core.state().reports).toEqual([])
  })

  it("nothing of this", async () => {
    expect(await service().submit(xml.replace("<spam>true</spam>", "<spam/>"))).toMatchObject({ code: 0 })
  })

  const unescaped = (text: string) => text.replaceAll("&gt;", ">").replaceAll("&lt;", "<")
})
