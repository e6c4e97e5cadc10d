import type { DueItem } from "@nightlight/contract/server"
import { describe, expect, it } from "vitest"
import { dueLines } from "../src/screens/home/due-lines.ts"

const SINCE = "2026-03-01T08:00:00.000Z"
const item = (kind: DueItem["kind"], id: string, code = "due"): DueItem => ({ kind, id, code, sinceAt: SINCE })

describe("the worklist on the home page", () => {
  it("has one line for the ordinary cases of a kind, in the place of the first", () => {
    const due = [item("case", "1"), item("report", "2", "draft"), item("case", "3"), item("case", "4", "waiting")]
    expect(dueLines({ danger: [], due, dueMore: false })).toEqual([
      { kind: "case", first: due[0], count: 3, orMore: false },
      { item: due[1] },
    ])
  })

  it("has a line for each case in danger, for each claimed case, and for each entry that is not a case", () => {
    const due = [
      item("case", "1", "danger"),
      item("case", "2"),
      item("case", "3"),
      item("case", "4"),
      item("case", "5", "claimed"),
      item("alarm", "6", "report-held"),
      item("alarm", "7", "report-held"),
      item("alarm", "8", "report-held"),
    ]
    expect(dueLines({ danger: [], due, dueMore: true })).toEqual([
      { item: due[0] },
      { kind: "case", first: due[1], count: 3, orMore: true },
      ...due.slice(4).map((each) => ({ item: each })),
    ])
  })

  it("has a line for each case if there are only two", () => {
    const due = [item("second-review", "1"), item("second-review", "2")]
    expect(dueLines({ danger: [], due, dueMore: false })).toEqual(due.map((each) => ({ item: each })))
  })
})
