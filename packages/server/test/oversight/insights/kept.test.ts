import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createHarness, type Harness } from "@nightlight/dev-env/server/cases"
import { beforeEach, expect, it } from "vitest"
import { createInsights } from "../../../src/oversight/insights/service.ts"
import { anItem } from "../../casework/cases/builders.ts"

const db = useDatabase()
const KEPT_MS = 30_000
let harness: Harness
beforeEach(() => {
  harness = createHarness(db)
})

it("an answer for a period is reused while it is kept, and recounted afterwards", async () => {
  const insights = createInsights({ ...harness, timeZone: "UTC", keptMs: KEPT_MS })
  await harness.attach(anItem())
  const [first, together] = await Promise.all([insights.of({}), insights.of({})])
  expect(together).toBe(first)
  const openOf = ({ series }: typeof first) => series.reduce((sum, { opened }) => sum + opened, 0)
  await harness.attach(anItem())
  harness.clock.move(KEPT_MS - 1)
  expect(await insights.of({})).toBe(first)
  const { from, to } = first
  const other = await insights.of({ from, to: new Date(Date.parse(to) - 86_400_000).toISOString() })
  expect(other.to).not.toBe(to)
  harness.clock.move(1)
  const later = await insights.of({})
  expect(openOf(later)).toBe(openOf(first) + 1)
  expect(Date.parse(later.at) - Date.parse(first.at)).toBe(KEPT_MS)
})

it("a failed count is not kept", async () => {
  let fails = true
  const review: Harness["review"] = {
    ...harness.review,
    agreement: (...range) => {
      if (fails) return Promise.reject(new Error("the database is away"))
      return harness.review.agreement(...range)
    },
  }
  const insights = createInsights({ ...harness, review, timeZone: "UTC", keptMs: KEPT_MS })
  await expect(insights.of({})).rejects.toThrow("away")
  fails = false
  expect(await insights.of({})).toMatchObject({ bucket: "day" })
})
