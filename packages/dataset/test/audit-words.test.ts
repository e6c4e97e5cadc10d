import { expect, it } from "vitest"
import { auditWords } from "../src/index.ts"

const HOLDS = { ok: true, events: 1, unchangedThroughSeq: 0, presentThroughSeq: 0, repairs: [] } as const

it.each([
  [1, 1, "The log of 1 event is valid", "No checkpoint covers event 1 yet."],
  [13, 13, "The log of 13 events is valid", "No checkpoint covers event 13 yet."],
  [12, 13, "The log of 13 events is valid", "No checkpoint covers events 12 to 13 (2) yet."],
])(
  "the words about a log count the events %i to %i without a checkpoint from 1",
  (fromSeq, throughSeq, begins, ends) => {
    const words = auditWords({ ...HOLDS, events: throughSeq, unattested: { fromSeq, throughSeq } })
    expect(words).toContain(begins)
    expect(words).toContain(ends)
  },
)
