import { readdirSync, readFileSync } from "node:fs"
import { COMMITMENTS, type Commitment, type Control, DAY_MS } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import type { ConditionState } from "../../../src/oversight/commitments/conditions.ts"
import { type Known, statusOf } from "../../../src/oversight/commitments/status.ts"
import type { Proof } from "../../../src/oversight/commitments/types.ts"

const NOW = new Date("2026-06-01T12:00:00.000Z")

function aControl(id: string, of: Partial<Control> = {}): Control {
  const evidence = [{ type: `${id}.done` }]
  return { id, title: `Title of ${id}`, essential: false, availability: "recorded", evidence, freshDays: 30, ...of }
}

function stand(
  controls: readonly Control[],
  proofs: Record<string, number>,
  known: Pick<Known, "notApplicable"> & { readonly condition?: ConditionState } = {},
) {
  const commitment: Commitment = { id: "M3", stage: "maintain", title: "A commitment", controls }
  const proofOf = ({ id }: Control): Proof | undefined => {
    const ageDays = proofs[id]
    if (ageDays === undefined) return undefined
    return { kind: `${id}.done`, at: new Date(NOW.getTime() - ageDays * DAY_MS), countLastYear: 3 }
  }
  return statusOf(commitment, { now: NOW, proofOf, conditionOf: () => known.condition, ...known })
}

describe("a commitment", () => {
  const keep = aControl("keep", { essential: true })
  const watch = aControl("watch", { essential: true })
  const extra = aControl("extra")
  const now = aControl("now", { essential: true, evidence: [], condition: "guards-report" })
  const both = aControl("both", { essential: true, condition: "lists-live" })

  it("is met when each essential control is proven by evidence that is new enough, and says what else is missing", () => {
    const status = stand([keep, watch, extra], { keep: 30, watch: 1 })
    expect(status).toMatchObject({
      state: "met",
      essential: { met: 2, of: 2 },
      proven: { met: 2, of: 3 },
      gaps: [{ code: "no-evidence", control: "extra", essential: false }],
    })
    expect(status.evidence).toEqual({
      control: "watch",
      kind: "watch.done",
      countLastYear: 3,
      at: "2026-05-31T12:00:00.000Z",
    })
  })

  it("is partly met when the evidence of one essential control is a day too old, and says how old", () => {
    expect(stand([keep, watch], { keep: 31, watch: 1 })).toMatchObject({
      state: "partly",
      essential: { met: 1, of: 2 },
      gaps: [
        {
          code: "stale",
          control: "keep",
          essential: true,
          ageDays: 31,
          freshDays: 30,
          lastAt: "2026-05-01T12:00:00.000Z",
        },
      ],
    })
  })

  it("is not met by a control whose condition does not hold now, however new its evidence is", () => {
    const condition = { holds: false, share: { met: 2, of: 3 } }
    expect(stand([both], { both: 0 }, { condition })).toMatchObject({
      state: "not-met",
      gaps: [{ code: "not-now", control: "both", condition: "lists-live", share: { met: 2, of: 3 } }],
    })
    expect(stand([both], { both: 0 }, { condition: { holds: true } })).toMatchObject({ state: "met" })
    const unproven = stand([both], {}, { condition: { holds: true, at: new Date("2026-06-01T11:59:00.000Z") } })
    expect(unproven).toMatchObject({ gaps: [{ code: "no-evidence" }] })
    // A control whose evidence is missing shows none.
    expect(unproven.evidence).toBeUndefined()
  })

  it("is met by a present condition if that alone proves a control, and not if the condition is unknown", () => {
    const at = new Date("2026-06-01T11:59:00.000Z")
    expect(stand([now], {}, { condition: { holds: true, share: { met: 1, of: 1 }, at } })).toMatchObject({
      state: "met",
      evidence: { control: "now", kind: "guards-report", at: at.toISOString() },
    })
    expect(stand([now], {})).toMatchObject({ state: "not-met", gaps: [{ code: "no-evidence", control: "now" }] })
  })

  it("says where the product has no such control yet or keeps no record of it, essential gaps first", () => {
    const planned = aControl("planned", { essential: true, availability: "none-yet", evidence: [] })
    const apart = aControl("apart", { availability: "unrecorded", evidence: [] })
    const status = stand([extra, apart, keep, planned], { keep: 90 })
    expect(status.state).toBe("not-met")
    expect(status.gaps.map(({ code, control }) => [code, control])).toEqual([
      ["none-yet", "planned"],
      ["stale", "keep"],
      ["unrecorded", "apart"],
      ["no-evidence", "extra"],
    ])
  })

  it("is never met by a control that is not essential", () => {
    expect(stand([keep, extra], { extra: 0 })).toMatchObject({ state: "partly", evidence: { control: "extra" } })
  })

  it("that does not apply says so with the reason, and still shows its controls", () => {
    expect(stand([keep], { keep: 0 }, { notApplicable: "We host nothing." })).toMatchObject({
      state: "not-applicable",
      reason: "We host nothing.",
      essential: { met: 1, of: 1 },
    })
  })
})

it("every event that proves a control of the registry is one that the server records", () => {
  const sources = new URL("../../../src/", import.meta.url)
  const text = readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(new URL(path, sources), "utf8"))
    .join("\n")
  const types = COMMITMENTS.flatMap(({ controls }) =>
    controls.flatMap(({ evidence }) => evidence.map(({ type }) => type)),
  )
  expect(types.length).toBeGreaterThan(10)
  expect(types.filter((type) => !text.includes(`"${type}"`))).toEqual([])
})
