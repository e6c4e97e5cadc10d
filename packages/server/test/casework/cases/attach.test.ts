import { HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { aMatch, anItem, hex64, inDataset } from "./builders.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

describe("an attached item", () => {
  it("opens a case, and the same finding of the same source again changes nothing", async () => {
    const caseItem = anItem()
    const first = await harness.attach(caseItem)
    const again = await harness.attach(caseItem)
    expect(first).toMatchObject({ newCase: true, knownItem: false })
    expect(again).toEqual({ ...first, newCase: false, knownItem: true })
    expect(await harness.typesOf(first.caseId)).toEqual(["case.opened", "item.attached", "case.knowledge-recorded"])
  })

  it("is one more place of an item that an undecided case holds, whatever dataset and host it is in", async () => {
    const itemKey = hex64()
    const first = await harness.attach(anItem({ itemKey, origin: inDataset({ hostKey: hex64() }) }))
    const other = await harness.attach(anItem({ itemKey, origin: inDataset({ hostKey: hex64() }) }))
    expect(other).toEqual({ ...first, newCase: false, knownItem: true })
    const head = await harness.cases.get(first.caseId)
    expect(head).toMatchObject({ items: 1, locations: 2 })
    const places = await harness.cases.contexts.openAll(db.database.kysely, first.caseId)
    expect(places.map(({ context }) => context.shard)).toEqual(["canary-shard.tar", "canary-shard.tar"])
  })

  it("does not join a case of another kind of origin through its item", async () => {
    const itemKey = hex64()
    const inData = await harness.attach(anItem({ itemKey, origin: inDataset() }))
    const ofAccount = await harness.attach(anItem({ itemKey, origin: { kind: "account", accountKey: hex64() } }))
    expect(ofAccount.caseId).not.toBe(inData.caseId)
  })

  it("joins the open case of its account, or of its dataset and host", async () => {
    for (const origin of [{ kind: "account", accountKey: hex64() } as const, inDataset({ hostKey: hex64() })]) {
      const first = await harness.attach(anItem({ origin }))
      const second = await harness.attach(anItem({ origin }))
      expect(second).toMatchObject({ caseId: first.caseId, newCase: false, knownItem: false })
      const another = await harness.attach(anItem({ origin, source: "source-2" }))
      expect(another.caseId).not.toBe(first.caseId)
    }
  })

  it("opens one case and one item when many processes attach the same item at once", async () => {
    const itemKey = hex64()
    const origin = inDataset({ hostKey: hex64() })
    const attached = await Promise.all(Array.from({ length: 12 }, () => harness.attach(anItem({ itemKey, origin }))))
    expect(new Set(attached.map(({ caseId }) => caseId)).size).toBe(1)
    expect(new Set(attached.map(({ itemId }) => itemId)).size).toBe(1)
    expect(attached.filter(({ newCase }) => newCase)).toHaveLength(1)
    expect(await harness.cases.get(attached[0]!.caseId)).toMatchObject({ items: 1, locations: 12 })
  })

  it("opens one case when many items of one account arrive at once", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const attached = await Promise.all(Array.from({ length: 12 }, () => harness.attach(anItem({ origin }))))
    expect(new Set(attached.map(({ caseId }) => caseId)).size).toBe(1)
    const caseItems = await harness.cases.items(attached[0]!.caseId)
    expect(caseItems.map(({ position }) => position)).toEqual(Array.from({ length: 12 }, (_, index) => index))
  })

  it("opens a second case of its group when the first holds a thousand", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const itemKey = hex64()
    const first = await harness.attach(anItem({ origin, itemKey }))
    const fill = (caseItems: number) =>
      db.database.pool.query("UPDATE cases SET items = $2 WHERE case_id = $1", [first.caseId, caseItems])
    await fill(1000)
    const second = await harness.attach(anItem({ origin }))
    expect(second).toMatchObject({ newCase: true })
    expect((await harness.attach(anItem({ origin }))).caseId).toBe(second.caseId)
    expect((await harness.attach(anItem({ origin, itemKey }))).caseId).toBe(first.caseId)
    await fill(1)
  })

  it("adds content once to an item that arrived without it", async () => {
    const bare = anItem({
      evidence: { evidenceId: hex64(), ciphertextSha256: hex64(), content: "absent", contentBytes: 0 },
    })
    const { caseId, itemId } = await harness.attach(bare)
    const evidence = { evidenceId: hex64(), ciphertextSha256: hex64(), content: "verified", contentBytes: 9 } as const
    await harness.attach({ ...bare, evidence })
    await harness.attach({ ...bare, evidence: { ...evidence, evidenceId: hex64() } })
    expect((await harness.cases.item(caseId, itemId))?.evidence).toEqual(evidence)
    expect(await harness.typesOf(caseId)).toContain("item.evidence-replaced")
  })

  it("keeps every sealed piece that came with any of its places", async () => {
    const bare = anItem({
      evidence: { evidenceId: hex64(), ciphertextSha256: hex64(), content: "absent", contentBytes: 0 },
    })
    const { caseId } = await harness.attach(bare)
    const pieces = [bare.evidence!]
    for (const findingId of [bare.findingId, hex64(), hex64()]) {
      const { evidence } = anItem()
      pieces.push(evidence!)
      await harness.attach({ ...bare, findingId, evidence })
    }
    const ids = pieces.map(({ evidenceId }) => evidenceId).toSorted()
    expect(await harness.cases.evidenceOf(db.database.kysely, caseId)).toEqual(ids)
  })

  it("shares a sealed file with a case of a re-enrolled workspace, which then needs it", async () => {
    const caseItem = anItem({ matches: [aMatch({ trust: "unverified" })] })
    const { evidenceId } = caseItem.evidence!
    const first = await harness.attach(caseItem)
    const reviewer = aPerson("reviewer")
    await decide(harness, reviewer, first.caseId, { basis: "policy-violation" })
    await settle(harness, first.caseId)
    const alone = () => harness.cases.evidenceOfAlone(db.database.kysely, first.caseId)
    expect(await alone()).toEqual([evidenceId])
    const second = await harness.attach({ ...caseItem, source: hex64() })
    expect(second.caseId).not.toBe(first.caseId)
    expect(await alone()).toEqual([])
    await decide(harness, reviewer, second.caseId, { basis: "policy-violation" })
    await settle(harness, second.caseId)
    expect(await alone()).toEqual([evidenceId])
  })
})

describe("knowledge", () => {
  it("starts with an exact match of a trusted list, is due a day later, and a later match does not move it", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const at = harness.clock.now()
    const { caseId } = await harness.attach(anItem({ origin }))
    harness.clock.move(HOUR_MS)
    await harness.attach(anItem({ origin }))
    expect(await harness.cases.get(caseId)).toMatchObject({
      knowledgeBy: "trusted-match",
      knowledgeAt: at.toISOString(),
      matchedAt: at.toISOString(),
      dueAt: new Date(at.getTime() + 24 * HOUR_MS).toISOString(),
    })
  })

  it.each([
    ["PDQ", aMatch({ hashType: "pdq", distanceBits: 3, radiusBits: 31 })],
    ["MD5", aMatch({ hashType: "md5" })],
    ["a lead", aMatch({ trust: "unverified" })],
    ["a test card", aMatch({ trust: "test" })],
  ])("does not start with %s alone", async (_name, match) => {
    const { caseId } = await harness.attach(anItem({ matches: [match] }))
    expect(await harness.cases.get(caseId)).toMatchObject({ knowledgeAt: undefined, dueAt: undefined })
  })

  it("starts when a known item is found again with an exact match", async () => {
    const itemKey = hex64()
    const { caseId } = await harness.attach(anItem({ itemKey, matches: [aMatch({ trust: "unverified" })] }))
    await harness.attach(anItem({ itemKey }))
    expect(await harness.cases.get(caseId)).toMatchObject({ strength: "exact", knowledgeBy: "trusted-match" })
  })
})

it("writes no place, URL or list entry outside the sealed column", async () => {
  const context = { url: "https://canary-7f.example/canary-path", prompt: "canary-prompt \u0000 \ud800" }
  const { caseId, itemId } = await harness.attach(
    anItem({ context, origin: inDataset({ shard: "canary-shard-7f.tar" }) }),
  )
  const { rows } = await db.database.pool.query<{ text: string }>(
    `SELECT string_agg(t, ' ') AS text FROM (
       SELECT cases::text AS t FROM cases UNION ALL SELECT case_items::text FROM case_items UNION ALL SELECT line FROM events
       UNION ALL SELECT encode(sealed, 'escape') FROM item_locations) AS everything`,
  )
  expect(rows[0]!.text).not.toMatch(/canary|entry-3/)
  const [place] = await harness.cases.contexts.openAll(db.database.kysely, caseId)
  expect(place).toMatchObject({ itemId, context: { found: context, shard: "canary-shard-7f.tar" } })
})
