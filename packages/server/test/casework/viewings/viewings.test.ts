import { type Attestation, openViewing, signAttestation } from "@nightlight/contract/custodian"
import { DAY_MS, DependencyError, MINUTE_MS, RequestError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, decide } from "@nightlight/dev-env/server/cases"
import { Client } from "pg"
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { z } from "zod"
import { projectExposure } from "../../../src/casework/exposure/events.ts"
import { readBreaks, readDay } from "../../../src/casework/exposure/store.ts"
import type { Limits } from "../../../src/casework/exposure/types.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { untilWaiting } from "../../support/held-row.ts"
import { anItem, hex64 } from "../cases/builders.ts"
import { aProvenGrant, aViewer, createViewingsHarness, EXPOSURE, PICTURE, type ViewingsHarness } from "./harness.ts"

const db = useDatabase()
let harness: ViewingsHarness
beforeAll(() => {
  harness = createViewingsHarness(db)
})
beforeEach(() => harness.clock.move(DAY_MS))

async function claimedBy(person: PersonActor, of: Parameters<typeof anItem>[0] = {}) {
  const found = await harness.attach(anItem(of))
  await harness.cases.claim(person, found.caseId, (await harness.cases.get(found.caseId))!.version)
  return found
}

async function view(viewer: Awaited<ReturnType<typeof aViewer>>, of: Parameters<typeof aProvenGrant>[3] = {}) {
  const found = await claimedBy(viewer.person)
  const proven = await aProvenGrant(harness, found, viewer, of)
  return { found, proven, shown: await harness.viewings.view(viewer.person, found, proven) }
}

describe("a viewing", () => {
  it("is recorded before and after it is shown, and only the viewer's key opens it", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const { found, proven, shown } = await view(viewer)
    expect(await openViewing(shown.answer, viewer.viewer, proven.grant.grantId)).toEqual(PICTURE)
    const types = await harness.typesOf(found.caseId)
    expect(types.slice(-2)).toEqual(["viewing.requested", "viewing.shown"])
    const other = await aViewer(aPerson("reviewer"))
    await expect(openViewing(shown.answer, other.viewer, proven.grant.grantId)).rejects.toThrow()
  })

  it("is only for the case's holder", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const found = await claimedBy(aPerson("reviewer"))
    const proven = await aProvenGrant(harness, found, viewer)
    await expect(harness.viewings.view(viewer.person, found, proven)).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("is refused by a grant for another case, person, piece of evidence or time, and counts nothing", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const found = await claimedBy(viewer.person)
    for (const of of [
      { caseId: "case-2" },
      { person: "person-2" },
      { evidence: { evidenceId: "other", ciphertextSha256: hex64() } },
      { expiresAt: harness.clock.now().toISOString() },
    ]) {
      const proven = await aProvenGrant(harness, found, viewer, of)
      await expect(harness.viewings.view(viewer.person, found, proven)).rejects.toMatchObject({ code: "input_invalid" })
    }
    expect((await harness.exposure.of(viewer.person.id)).counts.viewings).toBe(0)
    expect(await harness.typesOf(found.caseId)).not.toContain("viewing.requested")
  })

  it("is refused by a grant that was used, without asking the custodian again", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const { found, proven } = await view(viewer)
    const asked = harness.asked.length
    await expect(harness.viewings.view(viewer.person, found, proven)).rejects.toMatchObject({ code: "state_conflict" })
    expect(harness.asked).toHaveLength(asked)
  })

  it("is refused if there is no content", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const found = await claimedBy(viewer.person, { evidence: undefined })
    const proven = await aProvenGrant(harness, found, viewer)
    await expect(harness.viewings.view(viewer.person, found, proven)).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("that the custodian refuses, or does not answer, is recorded and not counted", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    for (const error of [new RequestError("forbidden", "no"), new DependencyError("timed_out", "none")]) {
      const found = await claimedBy(viewer.person)
      harness.refusals.push(error)
      const proven = await aProvenGrant(harness, found, viewer)
      await expect(harness.viewings.view(viewer.person, found, proven)).rejects.toBe(error)
      const [failed] = await readEvents(db.database.kysely, { subject: found.caseId, type: "viewing.failed" })
      expect(failed?.data["code"]).toBe(error.code)
    }
    expect((await harness.exposure.of(viewer.person.id)).counts).toEqual({ viewings: 0, originals: 0, seconds: 0 })
  })

  it("that fails after midnight is uncounted on the day that it was counted for", async () => {
    let pass = (): void => undefined
    const late = createViewingsHarness(
      db,
      {},
      {
        view: async () => {
          pass()
          throw new DependencyError("timed_out", "none")
        },
        attest: async () => undefined,
      },
    )
    pass = () => late.clock.move(DAY_MS)
    const viewer = await aViewer(aPerson("reviewer"))
    const found = await late.attach(anItem())
    await late.cases.claim(viewer.person, found.caseId, (await late.cases.get(found.caseId))!.version)
    const proven = await aProvenGrant(late, found, viewer)
    const asked = late.clock.now()
    await expect(late.viewings.view(viewer.person, found, proven)).rejects.toMatchObject({ code: "timed_out" })
    for (const at of [asked, late.clock.now()]) {
      const counts = await readDay(db.database.kysely, viewer.person.id, at.toISOString().slice(0, 10))
      expect(counts).toEqual({ viewings: 0, originals: 0, seconds: 0 })
    }
  })
})

it("raises an alarm when one person views one item again and again", async () => {
  const viewer = await aViewer(aPerson("reviewer"))
  const found = await claimedBy(viewer.person)
  const raised = async () =>
    (await harness.alarms.list(true)).filter(
      ({ code, subject }) => code === "repeat-views" && subject === viewer.person.id,
    )
  for (let viewings = 1; viewings <= 3; viewings++) {
    await harness.viewings.view(viewer.person, found, await aProvenGrant(harness, found, viewer))
  }
  expect(await raised()).toEqual([])
  await harness.viewings.view(viewer.person, found, await aProvenGrant(harness, found, viewer))
  expect(await raised()).toHaveLength(1)
})

describe("an original", () => {
  it("needs a senior reviewer, and a second person who is independent of the first", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const junior = await aViewer(aPerson("reviewer"))
    const other = await aViewer(aPerson("senior-reviewer"))
    const ask = async (by: typeof viewer, others: (typeof viewer)[]) => {
      const found = await claimedBy(by.person)
      const proven = await aProvenGrant(harness, found, by, { purpose: "original", others })
      return harness.viewings.view(by.person, found, proven)
    }
    await expect(ask(junior, [viewer])).rejects.toMatchObject({ code: "forbidden" })
    await expect(ask(viewer, [])).rejects.toMatchObject({ code: "second_person_required" })
    await expect(ask(viewer, [viewer])).rejects.toMatchObject({ code: "second_person_required" })
    harness.dependent.add(junior.person.id)
    await expect(ask(viewer, [junior])).rejects.toMatchObject({ code: "second_person_required" })
    await ask(viewer, [other])
    expect((await harness.exposure.of(viewer.person.id)).counts.originals).toBe(1)
  })

  it("counts as viewed only when the person who opened it attests it", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const other = await aViewer(aPerson("senior-reviewer"))
    const original = await view(viewer, { purpose: "original", others: [other] })
    const derivative = await view(viewer)
    const viewed = (of: typeof original) => harness.viewings.viewedOf(db.database.kysely, of.found.caseId)
    const attest = async (of: typeof original, by: typeof viewer) => {
      const { grant } = of.proven
      if (!("viewerKey" in grant)) throw new TypeError("expected a look")
      const attestation: z.infer<typeof Attestation> = {
        format: "nightlight-attestation/1",
        grantId: grant.grantId,
        person: by.person.id,
        evidence: grant.evidence,
        contentSha256: hex64(),
        viewedWhole: true,
        exifViewed: false,
        at: harness.clock.now().toISOString(),
      }
      const signature = await signAttestation(attestation, by.key.privateKey)
      const place = { ...of.found, viewingId: of.shown.viewingId }
      return harness.viewings.attest(by.person, place, { attestation, signature })
    }
    expect(await viewed(original)).toEqual([])
    await expect(attest(derivative, viewer)).rejects.toMatchObject({ code: "input_invalid" })
    await expect(attest(original, other)).rejects.toMatchObject({ code: "not_found" })
    await attest(original, viewer)
    await attest(original, viewer)
    expect(await viewed(original)).toEqual([
      expect.objectContaining({ itemId: original.found.itemId, person: viewer.person.id, exifViewed: false }),
    ])
    expect(await viewed(derivative)).toEqual([])
    expect(harness.asked.filter(({ kind }) => kind === "attest")).toHaveLength(1)
  })
})

describe("the budget", () => {
  const counsel = aPerson("counsel")
  const limit = (limits: Partial<Limits>) => harness.exposure.limits.set(counsel, limits)
  afterEach(() => limit(EXPOSURE.limits))

  it("stops viewings at the day's limit, says until when, and never keeps anybody from deciding", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    await limit({ itemsPerDay: 2 })
    await view(viewer)
    await view(viewer)
    const found = await claimedBy(viewer.person)
    const proven = await aProvenGrant(harness, found, viewer)
    await expect(harness.viewings.view(viewer.person, found, proven)).rejects.toMatchObject({
      code: "budget_reached",
      details: { by: "items", until: expect.stringMatching(/T00:00:00.000Z$/) },
    })
    await decide(harness, viewer.person, found.caseId)
    await harness.exposure.assertDispatch(viewer.person.id)
    harness.clock.move(DAY_MS)
    await view(viewer)
  })

  it("counts viewings that are requested at the same time", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    await limit({ itemsPerDay: 3 })
    const founds = await Promise.all(Array.from({ length: 8 }, () => claimedBy(viewer.person)))
    const grants = await Promise.all(founds.map((found) => aProvenGrant(harness, found, viewer)))
    const outcomes = await Promise.allSettled(
      founds.map((found, index) => harness.viewings.view(viewer.person, found, grants[index]!)),
    )
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3)
  })

  it("stops viewings and new cases only during a break, which anybody may take", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const { onBreakUntil } = await harness.exposure.startBreak(viewer.person)
    expect(onBreakUntil!.getTime() - harness.clock.now().getTime()).toBe(10 * MINUTE_MS)
    await expect(view(viewer)).rejects.toMatchObject({ code: "budget_reached", details: { by: "break" } })
    await expect(harness.exposure.assertDispatch(viewer.person.id)).rejects.toMatchObject({ code: "budget_reached" })
    harness.clock.move(10 * MINUTE_MS)
    await view(viewer)
    await harness.exposure.startBreak(viewer.person)
    await harness.exposure.endBreak(viewer.person)
    await view(viewer)
  })

  it("counts seconds as reported, at most those that have passed, and presumes a minute without a report", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const first = await view(viewer)
    harness.clock.move(30_000)
    const place = { ...first.found, viewingId: first.shown.viewingId }
    await harness.viewings.end(viewer.person, place, 500)
    await harness.viewings.end(viewer.person, place, 500)
    expect((await harness.exposure.of(viewer.person.id)).counts.seconds).toBe(30)
    await view(viewer)
    await view(viewer)
    expect((await harness.exposure.of(viewer.person.id)).counts).toMatchObject({ viewings: 3, seconds: 90 })
  })

  it("keeps every limit that is set at the same time", async () => {
    const writer = new Client(db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // As somebody who is writing to the log: neither of the two can commit before the other has read.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const both = Promise.all([limit({ itemsPerDay: 5 }), limit({ breakMinutes: 20 })])
    await untilWaiting(db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    await both
    expect(await harness.exposure.limits.current()).toEqual({ ...EXPOSURE.limits, itemsPerDay: 5, breakMinutes: 20 })
  })

  it("applies to everybody as counsel sets it, and records whether it was loosened", async () => {
    const editor = aPerson("counsel")
    await harness.exposure.limits.set(editor, { itemsPerDay: 5 })
    expect((await harness.exposure.of(aPerson("reviewer").id)).limits.itemsPerDay).toBe(5)
    await harness.exposure.limits.set(editor, { itemsPerDay: 6 })
    const set = await readEvents(db.database.kysely, { actor: editor.id, type: "exposure.limits-set" })
    expect(set.map(({ data }) => data["loosened"])).toEqual([false, true])
  })

  it("equals the projection of the log, row by row", async () => {
    const viewer = await aViewer(aPerson("senior-reviewer"))
    const other = await aViewer(aPerson("senior-reviewer"))
    await view(viewer)
    const { found, shown } = await view(viewer, { purpose: "original", others: [other] })
    harness.clock.move(7_000)
    await harness.viewings.end(viewer.person, { ...found, viewingId: shown.viewingId }, 6.2)
    harness.clock.move(DAY_MS)
    harness.refusals.push(new RequestError("forbidden", "no"))
    await expect(view(viewer)).rejects.toMatchObject({ code: "forbidden" })
    await view(viewer)
    await harness.exposure.startBreak(viewer.person)
    const { kysely } = db.database
    const { breaks, days } = projectExposure(await readEvents(kysely, { actor: viewer.person.id }))
    expect(await readBreaks(kysely, viewer.person.id)).toEqual(breaks)
    expect(days.size).toBe(2)
    for (const [day, counts] of days) expect(await readDay(kysely, viewer.person.id, day)).toEqual(counts)
  })

  it("is summarised at the end of a day", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const { found } = await view(viewer)
    await decide(harness, viewer.person, found.caseId)
    expect(await harness.exposure.endShift(viewer.person)).toMatchObject({ counts: { viewings: 1 }, decisions: 1 })
  })
})
