import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, includedItem, settle } from "@nightlight/dev-env/server/cases"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { toSummary } from "../../../src/casework/cases/views.ts"
import { openReportEnvironment } from "../../support/report-environment.ts"
import { aMatch, anItem, hex64 } from "../cases/builders.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

const MATCHES = {
  exact: [aMatch()],
  near: [aMatch({ hashType: "pdq", distanceBits: 12, radiusBits: 31 })],
  unverified: [aMatch({ trust: "unverified" })],
  other: [],
} as const
type Kind = keyof typeof MATCHES

/** A case of one account with an item of each of these kinds, in this order. */
async function aMixedCase(...kinds: readonly Kind[]) {
  const origin = { kind: "account", accountKey: hex64() } as const
  const attached = []
  for (const kind of kinds) attached.push(await harness.attach(anItem({ origin, matches: MATCHES[kind] })))
  const [first] = attached
  if (first === undefined) throw new Error("expected a kind")
  return { caseId: first.caseId, origin, itemIds: attached.map(({ itemId }) => itemId) }
}

const decisionOf = (caseId: string) => harness.review.decisionOf(db.database.kysely, caseId)

const includedIn = async (caseId: string) =>
  (await decisionOf(caseId))!.items.filter((caseItem) => caseItem.included).map(({ itemId }) => itemId)

describe("a case whose items match in different ways", () => {
  it("counts its items by strength, whatever joins it and whatever becomes known of an item", async () => {
    const kind = fc.constantFrom<Kind>("exact", "near", "unverified", "other")
    const step = fc.record({ kind, again: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const origin = { kind: "account", accountKey: hex64() } as const
        let itemKey = hex64()
        let caseId = ""
        for (const { kind: of, again } of steps) {
          if (!again) itemKey = hex64()
          caseId = (await harness.attach(anItem({ origin, itemKey, matches: MATCHES[of] }))).caseId
        }
        const { strengths, items: caseItems } = toSummary((await harness.cases.get(caseId))!, harness.clock.now())
        const counted = { exact: 0, near: 0, unverified: 0, other: 0, test: 0 }
        for (const { strength } of await harness.cases.items(caseId)) counted[strength]++
        expect(strengths).toEqual(counted)
        expect(Object.values(strengths).reduce((sum, n) => sum + n, 0)).toBe(caseItems)
      }),
      { numRuns: 12 },
    )
  })

  it("reports the exact matches by one decision, and nothing else that was not named", async () => {
    const { caseId, itemIds } = await aMixedCase("exact", "near", "unverified", "exact", "other")
    await decide(harness, aPerson("reviewer"), caseId, { items: [] })
    await settle(harness, caseId)
    expect(await includedIn(caseId)).toEqual([itemIds[0], itemIds[3]])
  })

  it("also reports each item that a person includes by name", async () => {
    const { caseId, itemIds } = await aMixedCase("exact", "near", "near")
    await decide(harness, aPerson("reviewer"), caseId, { items: [includedItem(itemIds[2]!)] })
    await settle(harness, caseId)
    expect(await includedIn(caseId)).toEqual([itemIds[0], itemIds[2]])
  })

  it("cannot be decided as reportable on near matches alone if none was included", async () => {
    const { caseId } = await aMixedCase("near", "near")
    await expect(decide(harness, aPerson("reviewer"), caseId, { items: [] })).rejects.toMatchObject({
      code: "input_invalid",
      hint: expect.stringContaining("name each other"),
    })
  })

  it("keeps an item out that was near when it was left out, and becomes exact before the decision settles", async () => {
    const { caseId, origin } = await aMixedCase("exact")
    const itemKey = hex64()
    const { itemId } = await harness.attach(anItem({ origin, itemKey, matches: MATCHES.near }))
    await decide(harness, aPerson("reviewer"), caseId, { items: [] })
    await harness.attach(anItem({ origin, itemKey, matches: MATCHES.exact }))
    expect((await harness.cases.item(caseId, itemId))?.strength).toBe("exact")
    await settle(harness, caseId)
    expect((await decisionOf(caseId))!.items.find((caseItem) => caseItem.itemId === itemId)?.included).toBe(false)
  })
})

describe("a report of such a case", () => {
  it("contains no evidence of an item that nobody included, in a draft or a grant, and states how each file matched", async () => {
    const site = await openReportEnvironment(harness, "production")
    const { caseId, itemIds } = await aMixedCase("exact", "near", "near")
    await decide(harness, aPerson("reviewer"), caseId, { items: [includedItem(itemIds[1]!)] })
    await settle(harness, caseId)
    const id = await site.draft(caseId)
    const { head, content } = await site.reports.open(id)
    expect(content.files.map(({ details }) => details.additionalInfo)).toEqual([
      [expect.stringMatching(/^Exact match: the file's SHA-256 equals/)],
      [expect.stringMatching(/^Near match, not exact: by perceptual hash \(PDQ\) 12 of 256 bits differ/)],
    ])
    expect(content.document.additionalInfo).toMatch(
      /^How the items matched: 1 by the exact .*; 1 nearly .*by a person\.$/m,
    )
    const left = (await harness.cases.item(caseId, itemIds[2]!))!.evidence!
    const { evidenceId, ciphertextSha256 } = left
    const files = [...content.files, { ...content.files[1]!, evidenceId, ciphertextSha256 }]
    const edit = site.reports.edit(site.preparer, id, head.version, { document: content.document, files })
    await expect(edit).rejects.toMatchObject({ code: "input_invalid" })
    const granted = await site.reports.grant(site.preparer, id, { version: head.version, singlePerson: false })
    expect(granted.grant.files).toHaveLength(2)
  })
})
