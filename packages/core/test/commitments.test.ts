import { expect, test } from "vitest"
import { COMMITMENT_IDS, COMMITMENTS, STAGES } from "../src/index.ts"

const controls = COMMITMENTS.flatMap((commitment) => commitment.controls)

test("the registry has the announcement's eleven commitments, in its order", () => {
  expect(COMMITMENTS).toHaveLength(11)
  expect(COMMITMENTS.map(({ id }) => id)).toEqual([...COMMITMENT_IDS])
  expect(new Set(COMMITMENT_IDS).size).toBe(11)
})

test("no two controls share an id, and each id can be used in a link", () => {
  const ids = controls.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z][a-z-]*[a-z]$/)
})

test("each stage has commitments, and no two commitments or controls have the same title", () => {
  expect(new Set(COMMITMENTS.map(({ stage }) => stage))).toEqual(new Set(STAGES))
  const titles = [...COMMITMENTS, ...controls].map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
})

test("each commitment has an essential control", () => {
  for (const { controls: own } of COMMITMENTS) expect(own.filter((control) => control.essential)).not.toEqual([])
})

test("a control's evidence has an event type and stays fresh for a whole number of days", () => {
  for (const { evidence, freshDays } of controls) {
    expect(freshDays).toBeGreaterThan(0)
    expect(Number.isInteger(freshDays)).toBe(true)
    for (const { type } of evidence) expect(type).toMatch(/^[a-z-]+\.[a-z-]+$/)
  }
})

test("reports to the test host are no evidence", () => {
  const filed = controls.flatMap(({ evidence }) => evidence).filter(({ type }) => type.startsWith("report.f"))
  expect(filed.length).toBeGreaterThan(0)
  for (const { where } of filed) expect(where).toEqual({ environment: "production" })
})

test("a recorded control has events or a condition, and any other control has neither", () => {
  for (const { availability, evidence, condition } of controls) {
    expect(evidence.length > 0 || condition !== undefined).toBe(availability === "recorded")
  }
})

test("a guard's first report is no evidence for any control", () => {
  expect(controls.flatMap(({ evidence }) => evidence).map(({ type }) => type)).not.toContain("guard.first-heartbeat")
})
