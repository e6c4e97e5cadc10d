import { FILE_ANNOTATIONS, INDUSTRY_CLASSIFICATIONS, REPORT_ANNOTATIONS } from "@nightlight/cybertipline"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { problemsOf } from "../../../src/filing/reports/content/problems.ts"
import { scoreCompleteness } from "../../../src/filing/reports/draft/completeness.ts"
import { draftReport } from "../../../src/filing/reports/draft/draft.ts"
import { matchOf } from "../../../src/filing/reports/draft/matched.ts"
import type { DraftItem, DraftMaterial } from "../../../src/filing/reports/draft/material.ts"
import { LEGAL_BASES } from "../../../src/platform/db/tables/casework.ts"
import { aMatch } from "../../casework/cases/builders.ts"
import { draftMaterial } from "./support/draft-material.ts"

const now = new Date("2026-03-01T12:00:00Z")

const caseItem: DraftItem = {
  itemId: "item-1",
  evidence: { evidenceId: "evidence-1", ciphertextSha256: "a".repeat(64) },
  hasContent: true,
  foundAt: "2026-02-28T10:00:00.000Z",
  digests: { md5: "0".repeat(32), sha1: "1".repeat(40), sha256: "2".repeat(64) },
  match: matchOf([aMatch()]),
  digestsVerified: true,
  classification: "A2",
  annotations: [],
  viewed: undefined,
  locations: [
    {
      sourceUrl: "https://pictures.example/1.jpg",
      datasetName: "Example Crawl",
      shard: "000000.tar",
      key: "000000001",
    },
  ],
  text: undefined,
}

const material = draftMaterial({ items: [caseItem], now })

describe("draftReport", () => {
  it("makes a report of a dataset's items that the CyberTipline accepts", () => {
    const content = draftReport(material)
    expect(problemsOf(content, now)).toEqual([])
    expect(content.document.internetDetails).toEqual([
      { webPageIncident: { thirdPartyHostedContent: true, url: ["https://pictures.example/1.jpg"] } },
    ])
    expect(content.files[0]?.details.locationOfFile).toBe("https://pictures.example/1.jpg")
  })

  it("states a dataset's sources as the dataset does, and none if it states none", () => {
    const content = draftReport({
      ...material,
      items: [{ ...caseItem, locations: [{ shard: "000000.tar", key: "1" }] }],
    })
    expect(problemsOf(content, now)).toEqual([])
    expect(content.document.internetDetails).toEqual([{ webPageIncident: {} }])
    expect(content.document.additionalInfo).toMatch(/^Found by screening a training dataset: 1 items in 1 places\.$/m)
    expect(content.document.additionalInfo).not.toMatch(/web|third part|digests/)
  })

  it("states that a file was viewed only if a person attested it", () => {
    const [unseen] = draftReport(material).files
    expect(unseen?.details).toMatchObject({ fileViewedByEsp: false, exifViewedByEsp: false })
    const seen = draftReport({ ...material, items: [{ ...caseItem, viewed: { exifViewed: false } }] })
    expect(seen.files[0]?.details).toMatchObject({ fileViewedByEsp: true, exifViewedByEsp: false })
    expect(seen.origins["files[0].fileViewedByEsp"]).toBe("attestation")
  })

  it("never says that a file was made by AI because the finder is an AI company", () => {
    expect(draftReport(material).files[0]?.details.fileAnnotations).toBeUndefined()
  })

  it("does not state whether a file was public", () => {
    expect(draftReport(material).files[0]?.details).not.toHaveProperty("publiclyAvailable")
  })

  it("reports text without any file", () => {
    const content = draftReport({
      ...material,
      origin: "account",
      basis: "18-usc-2422b",
      items: [{ ...caseItem, evidence: undefined, hasContent: false, locations: [], text: "canary-text" }],
      account: { identifier: "account-7", service: undefined, ipCaptures: [] },
    })
    expect(content.files).toEqual([])
    expect(content.document.internetDetails).toEqual([{ chatImIncident: { content: "canary-text" } }])
    expect(problemsOf(content, now)).toEqual([])
  })

  it("is accepted by the CyberTipline whatever strings the sealed context contains", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 })
    const arbitrary = fc.record({
      origin: fc.constantFrom("dataset", "account", "direct"),
      basis: fc.constantFrom(...LEGAL_BASES),
      url: fc.oneof(fc.webUrl(), text),
      dataset: text,
      key: text,
      account: fc.option(text, { nil: undefined }),
      classification: fc.option(fc.constantFrom(...INDUSTRY_CLASSIFICATIONS), { nil: undefined }),
      annotations: fc.uniqueArray(fc.constantFrom(...FILE_ANNOTATIONS)),
      reportAnnotations: fc.uniqueArray(fc.constantFrom(...REPORT_ANNOTATIONS)),
      supplemental: fc.boolean(),
      said: fc.option(text, { nil: undefined }),
      at: fc.date({ min: new Date("2000-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
    })
    fc.assert(
      fc.property(arbitrary, (some) => {
        const content = draftReport({
          ...material,
          origin: some.origin as DraftMaterial["origin"],
          basis: some.basis,
          reportAnnotations: some.reportAnnotations,
          supplemental: some.supplemental,
          account:
            some.account === undefined ? undefined : { identifier: some.account, service: undefined, ipCaptures: [] },
          items: [
            {
              ...caseItem,
              foundAt: some.at.toISOString(),
              classification: some.classification,
              annotations: some.annotations,
              text: some.said,
              locations: [{ sourceUrl: some.url, datasetName: some.dataset, key: some.key }],
            },
          ],
        })
        expect(problemsOf(content, now)).toEqual([])
      }),
    )
  })

  it("scores higher what an investigator can act on", () => {
    const bare = scoreCompleteness(draftReport({ ...material, items: [{ ...caseItem, locations: [], digests: {} }] }))
    const full = scoreCompleteness(draftReport(material))
    expect(full.score).toBeGreaterThan(bare.score)
    expect(bare.items.find(({ code }) => code === "source-address")).toMatchObject({ present: false, applies: true })
  })
})
