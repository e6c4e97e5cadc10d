import { DAY_MS, MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, type Harness } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { LEASE_MS } from "../../../src/casework/cases/claims/lease.ts"
import { aMatch, anItem } from "./builders.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

async function anOpenCase(): Promise<{ caseId: string; version: number }> {
  const { caseId } = await harness.attach(anItem())
  return { caseId, version: (await harness.cases.get(caseId))!.version }
}

describe("a claim", () => {
  it("goes to one of two reviewers who claim at once, and names the faster one to the other", async () => {
    const { caseId, version } = await anOpenCase()
    const people = [aPerson("reviewer"), aPerson("reviewer")]
    const outcomes = await Promise.allSettled(people.map((person) => harness.cases.claim(person, caseId, version)))
    const won = outcomes.findIndex(({ status }) => status === "fulfilled")
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([
      {
        status: "rejected",
        reason: expect.objectContaining({
          code: "state_conflict",
          details: expect.objectContaining({ claimedBy: people[won]!.id }),
        }),
      },
    ])
  })

  it("is refused for a case that has changed since it was seen", async () => {
    const { caseId, version } = await anOpenCase()
    const claimed = harness.cases.claim(aPerson("reviewer"), caseId, version - 1)
    await expect(claimed).rejects.toMatchObject({ code: "state_conflict", details: { version } })
  })

  it("is refused to an untrained person", async () => {
    const { caseId, version } = await anOpenCase()
    const person = aPerson("reviewer")
    harness.untrained.add(person.id)
    await expect(harness.cases.claim(person, caseId, version)).rejects.toMatchObject({ code: "forbidden" })
    await expect(harness.cases.claimNext(person)).rejects.toMatchObject({ code: "forbidden" })
  })

  it("lasts 15 minutes, longer when renewed, and is free for others after", async () => {
    const { caseId, version } = await anOpenCase()
    const [first, second] = [aPerson("reviewer"), aPerson("reviewer")]
    const held = await harness.cases.claim(first, caseId, version)
    harness.clock.move(LEASE_MS - 1)
    await harness.cases.renew(first, caseId)
    harness.clock.move(LEASE_MS - 1)
    await expect(harness.cases.claim(second, caseId, held.version)).rejects.toMatchObject({ code: "state_conflict" })
    harness.clock.move(1)
    await harness.cases.claim(second, caseId, held.version)
    await expect(harness.cases.renew(first, caseId)).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("can be renewed late while nobody else has claimed", async () => {
    const { caseId, version } = await anOpenCase()
    const person = aPerson("reviewer")
    await harness.cases.claim(person, caseId, version)
    harness.clock.move(LEASE_MS * 3)
    await harness.cases.renew(person, caseId)
    const other = harness.cases.claim(aPerson("reviewer"), caseId, version + 1)
    await expect(other).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("ends at once when released, and releasing another person's claim changes nothing", async () => {
    const { caseId, version } = await anOpenCase()
    const [first, second] = [aPerson("reviewer"), aPerson("reviewer")]
    await harness.cases.claim(first, caseId, version)
    expect((await harness.cases.release(second, caseId)).claim?.by).toBe(first.id)
    const free = await harness.cases.release(first, caseId)
    expect(free.claim).toBeUndefined()
    await harness.cases.claim(second, caseId, free.version)
  })

  it("ends once a clock that ran days ahead is set back", async () => {
    const { caseId, version } = await anOpenCase()
    harness.clock.move(400 * DAY_MS)
    const held = await harness.cases.claim(aPerson("reviewer"), caseId, version)
    harness.clock.move(-2 * DAY_MS)
    const other = aPerson("reviewer")
    const now = await harness.cases.claim(other, caseId, held.version)
    expect(now.claim?.by).toBe(other.id)
    expect(Date.parse(now.claim!.until) - harness.clock.now().getTime()).toBe(LEASE_MS)
    harness.clock.move(-398 * DAY_MS)
  })
})

describe("the next case", () => {
  it("is a different one for each of many reviewers who request it at once", async () => {
    for (let index = 0; index < 6; index++) await harness.attach(anItem())
    const people = Array.from({ length: 6 }, () => aPerson("reviewer"))
    const given = await Promise.all(people.map((person) => harness.cases.claimNext(person)))
    expect(new Set(given.map((head) => head?.caseId)).size).toBe(6)
    expect(given.map((head) => head?.claim?.by)).toEqual(people.map(({ id }) => id))
  })

  it("is never of a category that the reviewer opted out of, nor is such a case due for them", async () => {
    const person = aPerson("reviewer")
    const other = await harness.attach(anItem({ matches: [aMatch({ category: "b7" }), aMatch({ category: "b8" })] }))
    const due = async () =>
      (await harness.cases.dueFor({ person: person.id, states: ["open"], limit: 1000 })).map(({ caseId }) => caseId)
    expect(await due()).toContain(other.caseId)
    harness.optedOut.set(person.id, ["a1", "b8"])
    expect(await harness.cases.claimNext(person)).toBeUndefined()
    expect(await due()).toEqual([])
    harness.optedOut.set(person.id, ["a1", "b9"])
    expect((await harness.cases.claimNext(person))?.caseId).toBe(other.caseId)
    // Who takes such a case keeps it.
    harness.optedOut.set(person.id, ["b7"])
    expect(await due()).toContain(other.caseId)
  })

  it("is the gravest one, and absent when no case waits", async () => {
    const own = createHarness(db)
    harness.clock.move(DAY_MS)
    own.clock.move(harness.clock.now().getTime() - own.clock.now().getTime())
    const { caseId } = await own.attach(anItem({ matches: [aMatch({ trust: "unverified" })] }))
    await own.cases.flagDanger(aPerson("reviewer"), caseId)
    expect((await own.cases.claimNext(aPerson("reviewer")))?.caseId).toBe(caseId)
    while ((await own.cases.claimNext(aPerson("reviewer"))) !== undefined);
    expect(await own.cases.claimNext(aPerson("reviewer"))).toBeUndefined()
  })
})

describe("imminent danger", () => {
  it("raises an alarm and pages a person at once, and once", async () => {
    const { caseId } = await anOpenCase()
    const person = aPerson("reviewer")
    const before = harness.queued.length
    await harness.cases.flagDanger(person, caseId)
    await harness.cases.flagDanger(person, caseId)
    expect(harness.queued.slice(before)).toEqual([
      {
        name: "page-person",
        payload: { code: "imminent-danger", subject: caseId, callId: expect.any(String) },
        startAfter: undefined,
      },
    ])
    expect(await harness.alarms.list(true)).toContainEqual(
      expect.objectContaining({ code: "imminent-danger", subject: caseId }),
    )
  })
})

it("records that a production report was filed once, and stops the clock", async () => {
  const { caseId } = await anOpenCase()
  const { transact } = await import("../../../src/platform/events/transact.ts")
  for (const reportId of ["report-1", "report-2"]) {
    await transact(harness, "system-reports", (under) =>
      harness.cases.markFiled(under, caseId, { reportId, at: harness.clock.now() }),
    )
  }
  expect((await harness.typesOf(caseId)).filter((type) => type === "case.filed")).toHaveLength(1)
  harness.clock.move(MINUTE_MS)
  const due = await harness.cases.list({ dueBefore: new Date(8.64e15) }, { after: undefined, limit: 200 })
  expect(due.heads.map((head) => head.caseId)).not.toContain(caseId)
})
