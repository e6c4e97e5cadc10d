import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createHarness } from "@nightlight/dev-env/server/cases"
import { asKey } from "@nightlight/dev-env/server/intake"
import { picture } from "@nightlight/dev-env/server/intake-site"
import { testCardPng } from "@nightlight/screening"
import sharp from "sharp"
import { afterAll, beforeAll, expect, it } from "vitest"
import { createInsights } from "../../../src/oversight/insights/service.ts"
import { type FalsePositiveSite, openFalsePositiveSite } from "../../intake/false-positives/false-positive-site.ts"

const db = useDatabase()
let site: FalsePositiveSite
let known: Uint8Array

beforeAll(async () => {
  site = await openFalsePositiveSite(db)
  known = await picture(1)
  await site.site.importListOf(await site.site.recordsOf(known))
  await site.installation.index.refresh()
})
afterAll(() => site?.close())

const insights = () =>
  createInsights({ ...site.installation.deps, review: createHarness(db).review, timeZone: "UTC" }).of({})

it("findings that were verified count by what their case is about; test cards, and those that were not, apart", async () => {
  for (const content of [known, known, await picture(77), new Uint8Array(testCardPng(0))]) await site.bring({ content })
  const base64 = Buffer.from(known).toString("base64")
  await site.installation.app.inject({
    method: "POST",
    url: "/v1/screen",
    headers: asKey(site.key),
    payload: { kind: "image", base64 },
  })
  await site.installation.work()
  const view = await insights()
  expect(view.series.at(-1)?.findings).toEqual({ dataset: 2, account: 0, direct: 1 })
  expect(view).toMatchObject({ findingsDenied: 1, testFindingsExcluded: 1 })
})

it("counts false positives by their outcome", async () => {
  const [reviewer, editor] = [await site.addMember("reviewer"), await site.addMember("policy-editor")]
  const senior = await site.addMember("senior-reviewer")
  const reported = async (quality: number): Promise<string> => {
    const content = new Uint8Array(await sharp(known).jpeg({ quality }).toBuffer())
    // From a place of its own: it joins no other case.
    const provenance = { sourceUrl: `https://pictures-${quality}.example/1.jpg` }
    const { caseId, itemId } = await site.bring({ content, provenance })
    await site.judge(reviewer, caseId, "not-violation")
    const body = { caseId, itemId, reason: "different-picture" }
    return (await site.post(reviewer, "/v1/lists/known/false-positives", body)).body.falsePositiveId
  }
  expect((await insights()).falsePositives).toEqual({ opened: 0, withdrawn: 0, known: 0, ended: 0 })
  const [first, second] = [await reported(80), await reported(60)]
  await site.post(reviewer, `/v1/false-positives/${first}/withdraw`)
  const asked = await site.post(editor, `/v1/false-positives/${second}/suppression`)
  await site.post(senior, `/v1/approvals/${asked.body.approval.id}/approve`)
  expect((await insights()).falsePositives).toEqual({ opened: 2, withdrawn: 1, known: 1, ended: 0 })
})
