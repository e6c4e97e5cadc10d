import type { Commitment, Control } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { standingOf } from "../../src/commitments/standing.ts"
import type { Proof } from "../../src/commitments/types.ts"

const NOW = new Date("2026-06-01T12:00:00.000Z")
const DAY_MS = 86_400_000

function aControl(id: string, of: Partial<Control> = {}): Control {
  return { id, title: `Title of ${id}`, essential: false, evidence: [{ type: `${id}.done` }], freshDays: 30, ...of }
}

function stand(controls: readonly Control[], proofs: Record<string, number>) {
  const commitment: Commitment = { id: "M3", stage: "maintain", title: "A commitment", controls }
  const proofOf = ({ id }: Control): Proof | undefined => {
    const ageDays = proofs[id]
    if (ageDays === undefined) return undefined
    return { kind: `${id}.done`, at: new Date(NOW.getTime() - ageDays * DAY_MS), countLastYear: 3 }
  }
  return standingOf(commitment, proofOf, NOW)
}

describe("a commitment", () => {
  const keep = aControl("keep", { essential: true })
  const watch = aControl("watch", { essential: true })
  const extra = aControl("extra")

  it("is fresh when each essential control has evidence that is new enough, and says what else is missing", () => {
    const standing = stand([keep, watch, extra], { keep: 30, watch: 1 })
    expect(standing).toMatchObject({
      state: "fresh",
      gaps: [{ code: "no-evidence", control: "extra", essential: false }],
    })
    expect(standing.evidence).toEqual({
      ...{ control: "watch", kind: "watch.done", countLastYear: 3 },
      at: "2026-05-31T12:00:00.000Z",
    })
  })

  it("is stale when the evidence of one essential control is a day too old, and says how old", () => {
    expect(stand([keep, watch], { keep: 31, watch: 1 })).toMatchObject({
      state: "stale",
      gaps: [
        {
          ...{ code: "stale", control: "keep", essential: true, ageDays: 31, freshDays: 30 },
          lastAt: "2026-05-01T12:00:00.000Z",
        },
      ],
    })
  })

  it("has a gap when an essential control was never proven, however well others are", () => {
    expect(stand([keep, watch, extra], { keep: 1, extra: 1 })).toMatchObject({
      state: "gap",
      evidence: { control: "keep" },
      gaps: [{ code: "no-evidence", control: "watch", essential: true }],
    })
  })

  it("has a gap that says so where the product has no such control yet, essential gaps first", () => {
    const planned = aControl("planned", { essential: true, evidence: [] })
    const standing = stand([extra, aControl("later", { evidence: [] }), keep, planned], { keep: 90 })
    expect(standing.state).toBe("gap")
    expect(standing.gaps.map(({ code, control }) => [code, control])).toEqual([
      ["none-yet", "planned"],
      ["stale", "keep"],
      ["none-yet", "later"],
      ["no-evidence", "extra"],
    ])
    expect(standing.controls.map(({ id, state }) => [id, state])).toEqual([
      ["extra", "no-evidence"],
      ["later", "none-yet"],
      ["keep", "stale"],
      ["planned", "none-yet"],
    ])
  })

  it("is never fresh by a control that is not essential", () => {
    expect(stand([keep, extra], { extra: 0 })).toMatchObject({ state: "gap", evidence: { control: "extra" } })
  })
})
