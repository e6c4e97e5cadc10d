import { ROLES } from "@nightlight/contract/server"
import { HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, decide, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, expect, it } from "vitest"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { can } from "../../../src/platform/auth/permissions.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { type HomeInstallation, makeHome } from "./home-installation.ts"

const db = useDatabase()
let installation: HomeInstallation
beforeAll(async () => {
  installation = await makeHome(db)
})

const dangerOf = async (person: PersonActor, caseId: string) =>
  (await installation.of(person)).danger.filter((entry) => entry.caseId === caseId)

async function flagged(): Promise<string> {
  const { caseId } = await installation.harness.attach(anItem())
  await installation.harness.cases.flagDanger(aPerson("reviewer"), caseId)
  return caseId
}

it.each(ROLES)("danger comes before everything else on the home screen of people who may see it (%s)", async (role) => {
  const caseId = await flagged()
  const person = await installation.member(role)
  const maySee = can(person, "case:read") || can(person, "alarm:read")
  const [entry] = await dangerOf(person, caseId)
  if (!maySee) return expect([entry, (await installation.of(person)).onCall]).toEqual([undefined, undefined])
  expect(entry).toMatchObject({ caseId, call: { state: "queued" }, alarm: { id: expect.any(String) } })
  expect(entry?.state).toBe(can(person, "case:read") ? "open" : undefined)
})

it("danger names the case's holder only to people who read cases", async () => {
  const { cases } = installation.harness
  const caseId = await flagged()
  const holder = aPerson("reviewer")
  await cases.claim(holder, caseId, (await cases.get(caseId))!.version)
  expect(await dangerOf(await installation.member("senior-reviewer"), caseId)).toMatchObject([
    { holder: { by: holder.id } },
  ])
  expect((await dangerOf(await installation.member("administrator"), caseId))[0]).not.toHaveProperty("holder")
})

it("danger whose alarm was acknowledged stays until the case is decided, names the person, and can be reopened", async () => {
  const { alarms } = installation.staff
  const caseId = await flagged()
  const senior = await installation.member("senior-reviewer")
  const { id } = (await dangerOf(senior, caseId))[0]!.alarm!
  await alarms.acknowledge(senior, id)
  expect(await dangerOf(senior, caseId)).toMatchObject([{ alarm: { id, seen: { by: senior.id } } }])
  await alarms.reopen(senior, id)
  expect((await dangerOf(senior, caseId))[0]?.alarm).toEqual({ id })
  await decide(installation.harness, aPerson("reviewer"), caseId)
  await settle(installation.harness, caseId)
  expect(await dangerOf(senior, caseId)).toMatchObject([{ state: "decided" }])
  await alarms.acknowledge(senior, id)
  expect(await dangerOf(senior, caseId)).toEqual([])
})

it("danger that was flagged first comes first", async () => {
  const first = await flagged()
  installation.clock.move(HOUR_MS)
  const second = await flagged()
  const ids = (await installation.of(await installation.member("reviewer"))).danger.map(({ caseId }) => caseId)
  expect(ids.indexOf(first)).toBeLessThan(ids.indexOf(second))
})
