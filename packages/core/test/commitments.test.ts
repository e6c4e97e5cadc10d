import { expect, test } from "vitest"
import { COMMITMENT_IDS, COMMITMENTS, STAGES } from "../src/index.ts"

const controls = COMMITMENTS.flatMap((commitment) => commitment.controls)

test("there are the eleven commitments of the announcement, in its order", () => {
  expect(COMMITMENTS).toHaveLength(11)
  expect(COMMITMENTS.map(({ id }) => id)).toEqual([...COMMITMENT_IDS])
  expect(new Set(COMMITMENT_IDS).size).toBe(11)
})

test("no two controls share an id, and each id can stand in a link", () => {
  const ids = controls.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z][a-z-]*[a-z]$/)
})

test("each stage has commitments, and no two commitments are told in the same words", () => {
  expect(new Set(COMMITMENTS.map(({ stage }) => stage))).toEqual(new Set(STAGES))
  const titles = [...COMMITMENTS, ...controls].map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
})

test("each commitment has an essential control: without one it would be met by nothing", () => {
  for (const { controls: own } of COMMITMENTS) expect(own.filter((control) => control.essential)).not.toEqual([])
})

test("a control is proven by events that have a type, for as many days as it says", () => {
  for (const { evidence, freshDays } of controls) {
    expect(freshDays).toBeGreaterThan(0)
    expect(Number.isInteger(freshDays)).toBe(true)
    for (const { type } of evidence) expect(type).toMatch(/^[a-z-]+\.[a-z-]+$/)
  }
})

test("what the test host took proves nothing", () => {
  const filed = controls.flatMap(({ evidence }) => evidence).filter(({ type }) => type.startsWith("report.f"))
  expect(filed.length).toBeGreaterThan(0)
  for (const { where } of filed) expect(where).toEqual({ environment: "production" })
})

test("a control that can be proven has events or a condition, and one that cannot has neither", () => {
  for (const { availability, evidence, condition } of controls) {
    expect(evidence.length > 0 || condition !== undefined).toBe(availability === "recorded")
  }
})

test("no control about screening is proven by a guard that was heard once", () => {
  expect(controls.flatMap(({ evidence }) => evidence).map(({ type }) => type)).not.toContain("guard.heard-first")
})
