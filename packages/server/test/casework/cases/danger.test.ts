import { CallView, FlaggedCase } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, settle } from "@nightlight/dev-env/server/cases"
import { expect, it } from "vitest"
import { toCallView } from "../../../src/casework/cases/call-view.ts"
import { toDetail } from "../../../src/casework/cases/views.ts"
import type { PagerConfig } from "../../../src/staff/pager/types.ts"
import { aMatch, anItem } from "./builders.ts"

const db = useDatabase()
const contact = { name: "Duty officer", telephone: "+1 555 0100" }

/** A case that was flagged where the pager is set up so, and what is said of the call. */
async function flagged(pagerConfig: PagerConfig) {
  const harness = createHarness(db, { pagerConfig })
  const { caseId } = await harness.attach(anItem({ matches: [aMatch({ trust: "unverified" })] }))
  const head = await harness.cases.flagDanger(aPerson("reviewer"), caseId)
  const view = CallView.parse(toCallView(await harness.cases.callAbout(caseId)))
  FlaggedCase.parse({ ...toDetail(head, "person-1", harness.clock.now()), ...view })
  return { harness, caseId, view }
}

it("a flag says that nobody was paged without a pager, and whom to telephone", async () => {
  const { harness, caseId, view } = await flagged({ contact })
  expect(view).toMatchObject({ onCall: { pager: "none", contact }, call: { state: "none", tries: 0 } })
  expect(harness.queued).toEqual([])
  expect(await harness.typesOf(caseId)).toContain("pager.not-set")
})

it("a flag says that there is nobody to telephone if the configuration names nobody", async () => {
  expect((await flagged({})).view.onCall).toEqual({ pager: "none" })
})

it("a flag says that the call is queued if a pager is set up, and never that it was accepted", async () => {
  const { harness, caseId, view } = await flagged({ command: ["/bin/true"], contact })
  expect(view).toMatchObject({ onCall: { pager: "set", contact }, call: { state: "queued" } })
  expect(view.call).not.toHaveProperty("acceptedAt")
  expect(harness.queued).toMatchObject([{ name: "page-person", payload: { subject: caseId } }])
})

it("a second flag pages nobody again, and shows the state of the first call", async () => {
  const { harness, caseId } = await flagged({ command: ["/bin/true"] })
  const { call } = await harness.cases.callAbout(caseId)
  await harness.calls.recordAccepted(call!.callId)
  await harness.cases.flagDanger(aPerson("reviewer"), caseId)
  expect(await harness.cases.callAbout(caseId)).toMatchObject({ call: { state: "accepted", callId: call!.callId } })
  expect(harness.queued).toHaveLength(1)
})

it("a flag within a decision makes a call once the decision has settled", async () => {
  const harness = createHarness(db, { pagerConfig: {} })
  const { caseId } = await harness.attach(anItem())
  await decide(harness, aPerson("reviewer"), caseId, { imminentDanger: true })
  expect((await harness.cases.callAbout(caseId)).call).toBeUndefined()
  await settle(harness, caseId)
  expect((await harness.cases.callAbout(caseId)).call).toMatchObject({ state: "none" })
})
