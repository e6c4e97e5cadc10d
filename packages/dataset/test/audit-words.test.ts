import { expect, it } from "vitest"
import { auditWords } from "../src/index.ts"

const HOLDS = { ok: true, events: 1, unchangedThroughSeq: 0, presentThroughSeq: 0, repairs: [] } as const

it.each([
  [1, 1, "The log of 1 event holds", "It cannot speak for event 1: no checkpoint yet."],
  [13, 13, "The log of 13 events holds", "It cannot speak for event 13: no checkpoint yet."],
  [12, 13, "The log of 13 events holds", "It cannot speak for events 12 to 13 (2): no checkpoint yet."],
])("counts the events %i to %i that no checkpoint covers as a person does", (fromSeq, throughSeq, begins, ends) => {
  const words = auditWords({ ...HOLDS, events: throughSeq, unattested: { fromSeq, throughSeq } })
  expect(words).toContain(begins)
  expect(words).toContain(ends)
})
