import { testCardPng } from "@nightlight/screening"
import { afterAll, beforeAll, expect, it } from "vitest"
import { createInsights } from "../../src/insights/service.ts"
import { createHarness } from "../cases/harness.ts"
import { type House, makeHouse } from "../intake/house.ts"
import { makePusher, makeSite, type Pusher, picture, type Site } from "../intake/site.ts"
import { useDatabase } from "../support/postgres.ts"

const db = useDatabase()
let site: Site
let house: House
let pusher: Pusher
let known: Uint8Array

beforeAll(async () => {
  site = await makeSite()
  known = await picture(1)
  await site.list(await site.recordsOf(known))
  house = await makeHouse(site, db)
  pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
}, 60_000)
afterAll(async () => {
  await house?.close()
  await pusher?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

it("findings that were borne out count by what their case is about; test cards, and those that were not, apart", async () => {
  const { source, key } = await house.enrol(pusher)
  const push = async (content: Uint8Array) => {
    const { finding, row, ciphertext } = await pusher.seal({ content })
    await house.push(key, pusher.line(source, finding))
    await house.upload(key, row.evidenceId, ciphertext)
    await house.work()
  }
  await push(known)
  await push(known)
  await push(await picture(77))
  await push(new Uint8Array(testCardPng(0)))
  const base64 = Buffer.from(known).toString("base64")
  await house.app.inject({
    ...{ method: "POST", url: "/v1/screen", payload: { kind: "image", base64 } },
    headers: { host: "localhost", authorization: `Bearer ${key}` },
  })
  await house.work()
  const { review } = createHarness(db)
  const view = await createInsights({ ...house.deps, review, timeZone: "UTC" }).of({})
  expect(view.series.at(-1)?.findings).toEqual({ dataset: 2, account: 0, direct: 1 })
  expect(view).toMatchObject({ findingsDenied: 1, testFindingsExcluded: 1 })
  const taken = await house.events({ type: "finding.taken" })
  expect(taken).toHaveLength(4)
}, 60_000)
