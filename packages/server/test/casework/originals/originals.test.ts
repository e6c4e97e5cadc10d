import { proveGrant } from "@nightlight/contract/custodian"
import { MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { createOriginals, type Originals } from "../../../src/casework/originals/service.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { anItem } from "../cases/builders.ts"
import { aProvenGrant, aViewer, createViewingsHarness, type ViewingsHarness } from "../viewings/harness.ts"

const db = useDatabase()
let harness: ViewingsHarness
let originals: Originals
beforeAll(() => {
  harness = createViewingsHarness(db)
  originals = createOriginals({
    db: harness.db,
    clock: harness.clock,
    cases: harness.cases,
    training: harness.training,
    areIndependent: async (_db, first, second) => first !== second && !harness.dependent.has(second),
  })
})

type Viewer = Awaited<ReturnType<typeof aViewer>>

async function claimedBy(person: PersonActor) {
  const found = await harness.attach(anItem({}))
  await harness.cases.claim(person, found.caseId, (await harness.cases.get(found.caseId))!.version)
  return found
}

async function asked(viewer: Viewer, of: Parameters<typeof aProvenGrant>[3] = {}) {
  const found = await claimedBy(viewer.person)
  const { grant, proofs } = await aProvenGrant(harness, found, viewer, { purpose: "original", ...of })
  if (grant.purpose !== "original") throw new TypeError("expected an original")
  const { request } = await originals.request(viewer.person, found, { grant, proof: proofs[0]! })
  return { found, grant, proof: proofs[0]!, id: request.id }
}

const provenBy = async (by: Viewer, { id, grant }: Awaited<ReturnType<typeof asked>>) =>
  originals.prove(by.person, id, await proveGrant(grant, by.person.id, by.key.privateKey))

describe("a request for an original", () => {
  it("is approved by somebody else, whose proof lets the first person view the file once", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const other = await aViewer(aPerson("reviewer"))
    const request = await asked(viewer)
    const waits = (await originals.list(other.person)).find(({ request: { id } }) => id === request.id)
    expect(waits).toMatchObject({ mayApprove: true, request: { requestedBy: viewer.person.id } })
    await provenBy(other, request)
    const mine = (await originals.list(viewer.person)).find(({ request: { id } }) => id === request.id)
    expect(mine?.request).toMatchObject({ state: "proven", decidedBy: other.person.id })
    const { firstSignature, secondSignature = "" } = mine!.request
    const proven = {
      grant: request.grant,
      proofs: [
        { person: viewer.person.id, signature: firstSignature },
        { person: other.person.id, signature: secondSignature },
      ],
    }
    await harness.viewings.view(viewer.person, request.found, proven)
    await expect(harness.viewings.view(viewer.person, request.found, proven)).rejects.toMatchObject({
      code: "state_conflict",
    })
    const types = await harness.typesOf(request.found.caseId)
    expect(types.slice(-4)).toEqual(["original.requested", "original.proven", "viewing.requested", "viewing.shown"])
  })

  it("cannot be approved by its requester, by somebody dependent on them, or by somebody who does not review", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const dependent = await aViewer(aPerson("reviewer"))
    const counsel = await aViewer(aPerson("counsel"))
    harness.dependent.add(dependent.person.id)
    const request = await asked(viewer)
    for (const by of [viewer, dependent]) {
      await expect(provenBy(by, request)).rejects.toMatchObject({ code: "second_person_required" })
    }
    expect(await originals.mayRead(counsel.person, request.id)).toBe(false)
    for (const { person } of [dependent, counsel]) {
      expect((await originals.list(person)).map(({ request: { id } }) => id)).not.toContain(request.id)
    }
  })

  it("accepts no proof in another person's name", async () => {
    const [viewer, other, third] = await Promise.all(
      [aPerson("senior-reviewer"), aPerson("reviewer"), aPerson("reviewer")].map(aViewer),
    )
    const request = await asked(viewer!)
    const proof = await proveGrant(request.grant, third!.person.id, third!.key.privateKey)
    await expect(originals.prove(other!.person, request.id, proof)).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("is answered once, and not after its grant has expired", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const [second, third] = [await aViewer(aPerson("reviewer")), await aViewer(aPerson("reviewer"))]
    const answered = await asked(viewer)
    const both = await Promise.allSettled([provenBy(second, answered), provenBy(third, answered)])
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    const late = await asked(viewer)
    harness.clock.move(5 * MINUTE_MS)
    await expect(provenBy(second, late)).rejects.toMatchObject({ code: "state_conflict" })
    expect((await originals.list(viewer.person)).map(({ request: { id } }) => id)).not.toContain(late.id)
  })

  it("waits for ten minutes at most, and only for a grant of this person, case and item", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const until = (minutes: number) => new Date(harness.clock.now().getTime() + minutes * MINUTE_MS).toISOString()
    await asked(viewer, { expiresAt: until(10) })
    for (const other of [{ expiresAt: until(11) }, { person: "person-2" }, { caseId: "case-2" }]) {
      await expect(asked(viewer, other)).rejects.toMatchObject({ code: "input_invalid" })
    }
  })

  it("is declined by another person or withdrawn by its requester, and the case's log records both", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const other = await aViewer(aPerson("senior-reviewer"))
    const declined = await asked(viewer)
    expect((await originals.decline(other.person, declined.id)).request.state).toBe("declined")
    const withdrawn = await asked(viewer)
    expect((await originals.decline(viewer.person, withdrawn.id)).request.state).toBe("withdrawn")
    await expect(provenBy(other, withdrawn)).rejects.toMatchObject({ code: "state_conflict" })
    const events = await readEvents(harness.db, { subject: declined.found.caseId, type: "original.declined" })
    expect(events).toMatchObject([{ actor: other.person.id, data: { request: declined.id } }])
  })

  it("that a person repeats withdraws the earlier one", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const first = await asked(viewer)
    const { grant, proofs } = await aProvenGrant(harness, first.found, viewer, { purpose: "original" })
    if (grant.purpose !== "original") throw new TypeError("expected an original")
    await originals.request(viewer.person, first.found, { grant, proof: proofs[0]! })
    const states = (await originals.list(viewer.person))
      .filter(({ request }) => request.itemId === first.found.itemId)
      .map(({ request }) => request.state)
    expect(states.toSorted()).toEqual(["waiting", "withdrawn"])
  })
})
