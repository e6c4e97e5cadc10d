import fc from "fast-check"
import { expect, it } from "vitest"
import { assertDetails, assertDocument } from "../../../../custodian/src/filing-authorisations/template.ts"
import { automaticMaterial } from "../../../src/filing/automatic/material.ts"
import { automaticTemplate } from "../../../src/filing/automatic/template.ts"
import { draftReport } from "../../../src/filing/reports/draft/draft.ts"
import { matchOf } from "../../../src/filing/reports/draft/matched.ts"
import type { DraftItem, DraftLocation, DraftMaterial } from "../../../src/filing/reports/draft/material.ts"
import { aMatch } from "../../casework/cases/builders.ts"

const now = new Date("2026-03-01T12:00:00Z")
const contact = { firstName: "Trust", lastName: "Desk", email: "safety@example.org" }
const ORGANISATION = {
  company: "Example Lab",
  termsUrl: "https://example.org/terms",
  legalUrl: null,
  contact: { ...contact, phone: null },
}
const TEMPLATE = automaticTemplate(ORGANISATION, now)
const DIGESTS = { md5: "0".repeat(32), sha1: "1".repeat(40), sha256: "2".repeat(64) }

function findOf(hashTypes: readonly ("sha1" | "sha256")[], locations: readonly DraftLocation[]): DraftItem {
  return {
    itemId: "item-1",
    evidence: { evidenceId: "evidence-1", ciphertextSha256: "a".repeat(64) },
    hasContent: true,
    foundAt: "2026-02-28T10:00:00.000Z",
    digests: DIGESTS,
    match: matchOf(hashTypes.map((hashType) => aMatch({ hashType }))),
    digestsVerified: true,
    classification: undefined,
    annotations: [],
    viewed: undefined,
    locations,
    text: undefined,
  }
}

function materialOf(origin: DraftMaterial["origin"], caseItems: readonly DraftItem[]): DraftMaterial {
  return {
    origin,
    basis: "18-usc-2252a",
    reportAnnotations: [],
    urgency: undefined,
    items: caseItems,
    reporter: {
      company: ORGANISATION.company,
      contact: { ...contact, phone: undefined },
      termsUrl: ORGANISATION.termsUrl,
      legalUrl: undefined,
    },
    account: origin === "account" ? { identifier: "account-1", service: "Example Lab", ipCaptures: [] } : undefined,
    priorReports: ["4564654", "4564655"],
    supplemental: false,
    now,
  }
}

const words = fc.oneof(
  fc.string({ maxLength: 120, unit: "binary" }),
  fc.constantFrom("part-0.tar", "/local/part 0.tar", "a;b", "CC-BY-4.0", "https://pictures.example/1.jpg"),
)
const location = fc.record(
  {
    sourceUrl: words,
    licence: words,
    datasetName: words,
    shard: words,
    key: words,
    screenedAt: fc.constantFrom("2026-02-28T10:00:00.000Z", "a day"),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<DraftLocation>

it("drafts without a person whatever a source calls things, in the words that two people signed, and reports of none filed manually", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("dataset", "account", "direct" as const),
      fc.subarray(["sha1", "sha256"] as const, { minLength: 1 }),
      fc.array(location, { minLength: 1, maxLength: 4 }),
      (origin, hashTypes, locations) => {
        const material = materialOf(origin as DraftMaterial["origin"], [findOf(hashTypes, locations)])
        const { document, files } = draftReport(automaticMaterial(material, ["4564655"]))
        assertDocument(JSON.parse(JSON.stringify(document)), TEMPLATE, {
          files: 1,
          sha256: new Set([DIGESTS.sha256]),
          accounts: new Set(origin === "account" ? ["account-1"] : []),
          isFinished: (id) => id === "4564654",
        })
        for (const { details } of files) assertDetails(details, TEMPLATE, DIGESTS)
      },
    ),
    { numRuns: 300 },
  )
})

it("says in a template every word that an automatic report says", () => {
  expect(TEMPLATE.lines[0]).toBe(
    "How the items matched: {files} by the exact SHA-1 or SHA-256 of a file on a hash list of known material.",
  )
  expect(TEMPLATE).toMatchObject({ service: "Example Lab", fixed: { platform: "Example Lab" } })
})
