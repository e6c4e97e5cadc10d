import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { picture } from "@nightlight/dev-env/server/intake-site"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, hex64 } from "../../casework/cases/builders.ts"
import { type FalsePositiveSite, openFalsePositiveSite } from "../false-positives/false-positive-site.ts"

const db = useDatabase()
let site: FalsePositiveSite
let counsel: PersonActor

beforeAll(async () => {
  site = await openFalsePositiveSite(db)
  counsel = await site.addMember("counsel")
})
afterAll(() => site?.close())

const shown = async (by = counsel) => (await site.get(by, "/v1/lists")).body
const listNamed = async (name: string) =>
  (await shown()).lists.find((list: { readonly name: string }) => list.name === name)

describe("GET /v1/lists", () => {
  it("says that nothing can be screened before an index is live", async () => {
    expect(await shown()).toEqual({ fault: "index_untrusted", screens: false, lists: [], former: [] })
  })

  it("shows what the live index holds, since when, and how old each list is", async () => {
    const records = await site.site.recordsOf(await picture(1))
    await site.site.importListOf(records, {
      attributes: { asOf: "2026-05-20", terms: "for screening alone, until 2027" },
    })
    await site.installation.index.refresh()
    const view = await shown()
    expect(view).toMatchObject({
      index: { version: 1, liveAt: site.site.clock.now().toISOString() },
      screens: true,
      lists: [{ name: "known" }, { trust: "test", outcomes: { items: 0 } }],
    })
    expect(view.lists[0]).toEqual({
      name: "known",
      trust: "trusted",
      snapshot: 1,
      radiusBits: 31,
      entries: 2,
      byHashType: { md5: 0, sha1: 0, sha256: 1, pdq: 1, url: 0 },
      asOf: "2026-05-20",
      ageDays: 12,
      terms: "for screening alone, until 2027",
      outcomes: { items: 0, cases: 0, decided: { reportable: 0, policyViolation: 0, notViolation: 0 } },
      broadEntries: 0,
      falsePositives: { open: 0, accepted: 0, withdrawn: 0, ended: 0 },
    })
    for (const { hash } of records) expect(JSON.stringify(view)).not.toContain(hash)
  })

  it("says how many of the decided cases confirmed a list's match; waiting cases do not count", async () => {
    const contents = await Promise.all([11, 12, 13, 14].map((seed) => picture(seed)))
    await site.site.importListOf(await site.site.recordsOf(...contents), { name: "partner", trust: "unverified" })
    await site.installation.index.refresh()
    const reviewer = await site.addMember("reviewer")
    const bases = ["18-usc-2252a", "policy-violation", "not-violation", undefined] as const
    for (const [i, content] of contents.entries()) {
      // Each from another dataset: each in a case of its own.
      const { caseId } = await site.bring({ content, provenance: { dataset: `/data/${i}` } })
      const basis = bases[i]
      if (basis !== undefined) await site.judge(reviewer, caseId, basis)
    }
    expect(await listNamed("partner")).toMatchObject({
      outcomes: {
        items: 4,
        cases: 4,
        decided: { reportable: 1, policyViolation: 1, notViolation: 1 },
        precision: 2 / 3,
      },
    })
  })

  it("counts an item once, wherever it was found", async () => {
    const content = await picture(21)
    await site.site.importListOf(await site.site.recordsOf(content), { name: "twice", trust: "unverified" })
    await site.installation.index.refresh()
    const first = await site.bring({ content, provenance: { dataset: "/data/one" } })
    await site.judge(await site.addMember("reviewer"), first.caseId, "policy-violation")
    await site.bring({ content, provenance: { dataset: "/data/two" } })
    expect(await listNamed("twice")).toMatchObject({ outcomes: { items: 1, cases: 2 } })
  })

  it("names a list that is gone and that cases still refer to", async () => {
    const content = await picture(31)
    await site.site.importListOf(await site.site.recordsOf(content), { name: "brief" })
    await site.installation.index.refresh()
    await site.bring({ content })
    await site.site.dropList("brief")
    await site.installation.index.refresh()
    const view = await shown()
    expect(view.lists.map(({ name }: { readonly name: string }) => name)).not.toContain("brief")
    expect(view.former).toMatchObject([{ name: "brief", outcomes: { items: 1, cases: 1 } }])
  })

  it("counts entries that matched more than twenty distinct items, without naming them", async () => {
    const broad = aMatch({ list: "known", entryId: "canary-entry" })
    const narrow = aMatch({ list: "known", entryId: "another" })
    const items = Array.from({ length: 21 }, hex64)
    for (const [i, itemKey] of items.entries()) {
      const matches = i < 20 ? [broad, narrow] : [broad]
      await transact(site.installation.deps, "system-intake", (tx) => site.entries.note(tx, { itemKey, matches }))
    }
    const view = await shown()
    expect((await listNamed("known")).broadEntries).toBe(1)
    expect(JSON.stringify(view)).not.toMatch(/canary-entry/)
  })

  it("says why a newer index was refused, while the earlier one stays in use", async () => {
    const before = (await shown()).index.version
    await site.site.damageIndex()
    site.site.clock.move(2000)
    await site.installation.index.refresh()
    expect(await shown()).toMatchObject({ index: { version: before }, fault: "index_untrusted" })
  })

  it("is only for people who may read lists", async () => {
    expect((await site.get(await site.addMember("reviewer"), "/v1/lists")).status).toBe(403)
    expect((await site.get(await site.addMember("administrator"), "/v1/lists")).status).toBe(200)
  })
})
