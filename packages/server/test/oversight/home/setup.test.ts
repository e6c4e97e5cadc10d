import fc from "fast-check"
import { expect, it } from "vitest"
import { type SetupFacts, setupOf } from "../../../src/oversight/home/setup.ts"

const DONE: SetupFacts = {
  health: { lists: { state: "live" }, custodian: "ready", pager: { state: "set" } },
  people: {
    byRole: {
      reviewer: 2,
      "senior-reviewer": 1,
      reporter: 1,
      custodian: 1,
      "policy-editor": 0,
      counsel: 1,
      auditor: 1,
      administrator: 2,
    },
    reviewers: { trained: 2, lapsed: 0, neverTrained: 0 },
  },
  enrolled: 2,
  liveSources: 1,
  namesReporter: true,
}
const { health, people } = DONE

/** One way in which each step is not done. */
const LACKS: Readonly<Record<string, SetupFacts>> = {
  administrators: { ...DONE, people: { ...people, byRole: { ...people.byRole, administrator: 1 } } },
  reviewers: { ...DONE, people: { ...people, reviewers: { trained: 0, lapsed: 1, neverTrained: 1 } } },
  reporters: { ...DONE, people: { ...people, byRole: { ...people.byRole, counsel: 0 } } },
  custodian: { ...DONE, health: { ...health, custodian: "no-key" } },
  enrolled: { ...DONE, enrolled: 1 },
  lists: { ...DONE, health: { ...health, lists: { state: "test-only" } } },
  source: { ...DONE, liveSources: 0 },
  organisation: { ...DONE, namesReporter: false },
  pager: { ...DONE, health: { ...health, pager: { state: "none" } } },
}

it("the set-up list disappears once all known steps are done, although backups are unknown", () => {
  expect(setupOf(DONE)).toBeUndefined()
})

it.each(Object.entries(LACKS))("the set-up list stays while one step is open: %s", (code, facts) => {
  const open = setupOf(facts)?.steps.filter(({ state }) => state === "open")
  expect(open).toEqual([{ code, state: "open" }])
})

it("the set-up list calls unknown steps neither open nor done", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(LACKS)), (facts) => {
      const unknown = setupOf({ ...facts, enrolled: undefined, health: { ...facts.health, custodian: "unreachable" } })
      for (const code of ["enrolled", "custodian", "backup"]) {
        const step = unknown?.steps.find((each) => each.code === code)
        if (step !== undefined) expect(step.state).toBe("unknown")
      }
    }),
  )
})
